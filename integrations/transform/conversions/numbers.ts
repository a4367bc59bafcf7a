/**
 * Numbers without loss. A double holds 15 digits of any decimal and whole numbers up to 2^53; what
 * needs more is a text of its digits. A number stays one where its shortest text is the same value.
 */
import { ConversionFault, type Scalar } from "./conversion-fault.ts";

const SMALLEST_INTEGER = -(2n ** 63n);
const LARGEST_INTEGER = 2n ** 63n - 1n;
/** Digits of a decimal, written out. */
const MOST_DIGITS = 1_000;
const FORM = /^([+-]?)(\d{0,1000})(?:\.(\d{0,1000}))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Sign, digits before and behind the point. */
interface Decimal {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

/** Text of a whole number of 64 bits, without leading zeros: `007` is `7`, `7.0` is `7`. */
export function toInteger64(value: Scalar): string {
  const { negative, whole, fraction } = decimalOf(value);
  if (/[1-9]/.test(fraction))
    throw new ConversionFault("It is no whole number. Round it first, or keep it a decimal");

  const number = BigInt(`${negative ? "-" : ""}${whole}`);
  if (number < SMALLEST_INTEGER || number > LARGEST_INTEGER)
    throw new ConversionFault("It does not fit 64 bits. Keep it a decimal");
  return String(number);
}

/**
 * Text of a decimal, without exponent or leading zeros: `1.5e3` is `1500`. With `scale` it has so
 * many digits behind the point, and fails where that would cut one that counts.
 */
export function toDecimal(value: Scalar, scale?: number): string {
  const { negative, whole, fraction } = decimalOf(value);
  if (scale === undefined) return written({ negative, whole, fraction });

  if (!Number.isInteger(scale) || scale < 0 || scale > 100)
    throw new ConversionFault("The scale is no whole number from 0 to 100. Give one");
  if (/[1-9]/.test(fraction.slice(scale)))
    throw new ConversionFault("It has more digits behind the point. Give a larger scale");
  return written({ negative, whole, fraction: fraction.slice(0, scale).padEnd(scale, "0") });
}

/** The number of a text, where a double holds it; fails where it would become another. */
export function toNumber(value: Scalar): number {
  const decimal = decimalOf(value);
  const number = Number(written(decimal));
  if (!Number.isFinite(number) || canonical(decimalOf(number)) !== canonical(decimal))
    throw new ConversionFault("A number does not hold all of its digits. Keep it a text");
  return number;
}

/** Whether a double holds the number that JSON writes so. */
export function isExactNumber(text: string): boolean {
  const number = Number(text);
  if (!Number.isFinite(number)) return false;
  try {
    return canonical(decimalOf(text)) === canonical(decimalOf(number));
  } catch {
    return false;
  }
}

function decimalOf(value: Scalar): Decimal {
  const text = typeof value === "number" ? String(value) : value;
  const found = typeof text === "string" ? FORM.exec(text) : null;
  const [, sign, whole = "", fraction = "", exponent = "0"] = found ?? [];
  if (!found || whole + fraction === "")
    throw new ConversionFault("It is no number. Give digits with a point");
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new ConversionFault("It has lost digits before. Take it as a text from the start");
  return moved({ negative: sign === "-", whole, fraction }, Number(exponent));
}

/** The point is moved as the exponent says. */
function moved({ negative, whole, fraction }: Decimal, by: number): Decimal {
  if (Math.abs(by) > MOST_DIGITS)
    throw new ConversionFault(`It has more than ${MOST_DIGITS} digits. Use another unit`);
  const left = by < 0 ? whole.padStart(-by + 1, "0") : whole;
  const right = by > 0 ? fraction.padEnd(by, "0") : fraction;
  const digits = left + right;
  const point = left.length + by;
  return { negative, whole: digits.slice(0, point), fraction: digits.slice(point) };
}

function written({ negative, whole, fraction }: Decimal): string {
  const digits = whole.replace(/^0+(?=\d)/, "") || "0";
  const isZero = !/[1-9]/.test(digits + fraction);
  return `${negative && !isZero ? "-" : ""}${digits}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The same for the same value: trailing zeros do not count. */
const canonical = (decimal: Decimal) =>
  written({ ...decimal, fraction: decimal.fraction.replace(/0+$/, "") });
