/**
 * Conversions of a value to another type, without loss: what would lose a digit, a zone or a
 * meaning fails. Expressions call them as functions (`$toInteger64(id)`), mappings name them in
 * `as`.
 */
import type { Conversion } from "../../schemas/transform.ts";
import { toBoolean } from "./conversions/booleans.ts";
import { ConversionFault, type Scalar } from "./conversions/conversion-fault.ts";
import {
  type EpochUnit,
  fromEpoch,
  toDate,
  toEpoch,
  toInstant,
  toZone,
} from "./conversions/instants.ts";
import { toDecimal, toInteger64, toNumber } from "./conversions/numbers.ts";

type Converter = (value: Scalar, argument?: Scalar) => Scalar;

const text = (argument: Scalar | undefined) => (argument === undefined ? undefined : `${argument}`);
const number = (argument: Scalar | undefined) =>
  argument === undefined ? undefined : Number(argument);

const CONVERTERS: Readonly<Record<Conversion, Converter>> = {
  toText: (value) => (typeof value === "number" ? toDecimal(value) : String(value)),
  toNumber: (value) => toNumber(value),
  toInteger64: (value) => toInteger64(value),
  toDecimal: (value, scale) => toDecimal(value, number(scale)),
  toBoolean: (value) => toBoolean(value),
  toInstant: (value, zone) => toInstant(value, text(zone)),
  toZone: (value, zone) => toZone(value, text(zone) ?? ""),
  toDate: (value, zone) => toDate(value, text(zone)),
  toEpoch: (value, unit) => toEpoch(value, text(unit) as EpochUnit | undefined),
  fromEpoch: (value, unit) => fromEpoch(value, text(unit) as EpochUnit | undefined),
};

/**
 * The value as another type; undefined and null stay what they are. Throws `ConversionFault` where
 * something would be lost.
 */
export function convert(conversion: Conversion, value: unknown, argument?: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (!isScalar(value) || (argument !== undefined && !isScalar(argument)))
    throw new ConversionFault("It is no text, number or boolean. Convert its parts");
  return CONVERTERS[conversion](value, argument as Scalar | undefined);
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";
