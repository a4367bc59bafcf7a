import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Conversion } from "../../schemas/transform.ts";
import { ConversionFault } from "./conversions/conversion-fault.ts";
import { isExactNumber } from "./conversions/numbers.ts";
import { convert } from "./conversions.ts";
import { evaluate } from "./run-expression.ts";

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
const integer64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.stringMatching(/^\d{0,30}$/))
  .map(([minus, whole, rest]) => `${minus ? "-" : ""}${whole}${rest && `.${rest}`}`);
/** Years that zones are known for, with nanoseconds. */
const instant = fc
  .tuple(fc.integer({ min: -2_000_000_000, max: 4_000_000_000 }), fc.stringMatching(/^\d{0,9}$/))
  .map(([seconds, rest]) => {
    const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
    return `${whole}${rest && `.${rest}`}Z`;
  });

describe("conversions", () => {
  it.each<[Conversion, string | number | boolean, unknown, unknown]>([
    ["toInteger64", "007", undefined, "7"],
    ["toInteger64", "-9223372036854775808", undefined, "-9223372036854775808"],
    ["toInteger64", "9223372036854775807", undefined, "9223372036854775807"],
    ["toInteger64", "12.000", undefined, "12"],
    ["toInteger64", "1.5e3", undefined, "1500"],
    ["toInteger64", "-0", undefined, "0"],
    ["toDecimal", "1.50", undefined, "1.50"],
    ["toDecimal", "+1.5e-3", undefined, "0.0015"],
    ["toDecimal", "12345678901234567.891", undefined, "12345678901234567.891"],
    ["toDecimal", "1.5", 3, "1.500"],
    ["toDecimal", 0.1, undefined, "0.1"],
    ["toDecimal", 1e21, undefined, ConversionFault],
    ["toDecimal", "1.55", 1, ConversionFault],
    ["toNumber", "0.1000", undefined, 0.1],
    ["toNumber", "9007199254740993", undefined, ConversionFault],
    ["toNumber", "1e999", undefined, ConversionFault],
    ["toNumber", "", undefined, ConversionFault],
    ["toNumber", "0x10", undefined, ConversionFault],
    ["toInteger64", "9223372036854775808", undefined, ConversionFault],
    ["toInteger64", "1.5", undefined, ConversionFault],
    ["toInteger64", 2 ** 60, undefined, ConversionFault],
    ["toBoolean", "Yes", undefined, true],
    ["toBoolean", 0, undefined, false],
    ["toBoolean", "maybe", undefined, ConversionFault],
    ["toText", 1.5, undefined, "1.5"],
    ["toText", true, undefined, "true"],
    ["toInstant", "2026-11-30T09:00:00.120+01:00", undefined, "2026-11-30T08:00:00.120Z"],
    ["toInstant", "2026-11-30 09:00", "Europe/Berlin", "2026-11-30T08:00:00Z"],
    ["toInstant", "2026-11-30", "America/New_York", "2026-11-30T05:00:00Z"],
    // Put back at three: two o'clock comes twice, and the first is meant.
    ["toInstant", "2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"],
    // Put forward at two: there is no half past two, and the time moves on.
    ["toInstant", "2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"],
    ["toInstant", "2026-11-30T09:00:00", undefined, ConversionFault],
    ["toInstant", "2026-02-30T09:00:00Z", undefined, ConversionFault],
    ["toInstant", "2026-11-30T09:00:00", "Mars/Olympus", ConversionFault],
    ["toInstant", "30.11.2026", "UTC", ConversionFault],
    ["toZone", "2026-11-30T08:00:00.5Z", "Asia/Kolkata", "2026-11-30T13:30:00.5+05:30"],
    ["toDate", "2026-11-30T23:30:00Z", "Europe/Berlin", "2026-12-01"],
    ["toDate", "2026-11-30", undefined, "2026-11-30"],
    ["toEpoch", "2026-11-30T08:00:00.120Z", undefined, 1_796_025_600_120],
    ["toEpoch", "2026-11-30T08:00:00.123456789Z", "ns", "1796025600123456789"],
    ["toEpoch", "2026-11-30T08:00:00.5Z", "s", ConversionFault],
    ["toEpoch", "2026-11-30T08:00:00Z", "weeks", ConversionFault],
    ["fromEpoch", "1796025600123456789", "ns", "2026-11-30T08:00:00.123456789Z"],
    ["fromEpoch", -1, "ms", "1969-12-31T23:59:59.999Z"],
  ])("%s of %s with %s is %s", (conversion, value, argument, expected) => {
    const converted = () => convert(conversion, value, argument);
    if (expected === ConversionFault) expect(converted).toThrow(ConversionFault);
    else expect(converted()).toBe(expected);
  });

  it("keep every integer of 64 bits", () => {
    fc.assert(
      fc.property(integer64, (number) => {
        const text = convert("toInteger64", String(number));
        expect(BigInt(String(text))).toBe(number);
        expect(convert("toInteger64", convert("toDecimal", text, 3))).toBe(text);
      }),
    );
  });

  it("keep every digit of a decimal, and make a number of it only where that holds it", () => {
    fc.assert(
      fc.property(decimal, (text) => {
        const written = String(convert("toDecimal", text));
        expect(scaled(written)).toBe(scaled(text));
        if (!isExactNumber(written)) {
          expect(() => convert("toNumber", text)).toThrow(ConversionFault);
        } else {
          const number = convert("toNumber", text) as number;
          expect(scaled(String(convert("toDecimal", number)))).toBe(scaled(text));
        }
      }),
    );
  });

  it("keep every double", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        fc.pre(Number.isSafeInteger(number) || !Number.isInteger(number));
        expect(convert("toNumber", convert("toDecimal", number))).toBe(number + 0);
      }),
    );
  });

  it("keep an instant through zones and counts", () => {
    fc.assert(
      fc.property(instant, fc.constantFrom(...ZONES), (text, zone) => {
        expect(convert("toInstant", convert("toZone", text, zone))).toBe(text);
        const nanoseconds = convert("toEpoch", text, "ns");
        const back = String(convert("fromEpoch", nanoseconds, "ns"));
        expect(convert("toEpoch", back, "ns")).toBe(nanoseconds);
        const milliseconds = Math.floor(Number(BigInt(String(nanoseconds)) / 1_000_000n));
        expect(Math.abs(Date.parse(text) - milliseconds)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("read a clock's time in its zone as the instant when it shows it", () => {
    fc.assert(
      fc.property(instant, fc.constantFrom(...ZONES), (text, zone) => {
        const shown = String(convert("toZone", text, zone));
        const read = convert("toInstant", shown.replace(/[+-]\d\d:\d\d$/, ""), zone);
        // Another instant only where the clock shows the same time twice.
        expect(convert("toZone", read, zone)).toSatisfy(
          (again: string) => again.slice(0, 19) === shown.slice(0, 19),
        );
      }),
    );
  });

  it("are functions of expressions", async () => {
    const input = { id: "9223372036854775807", at: "2026-11-30T08:00:00Z", name: "canary-4711" };
    const expression = `{ "id": $toInteger64(id), "at": $toZone(at, "Europe/Berlin"),
      "none": $toDate(missing), "all": $map(["yes", "off"], function($b){ $toBoolean($b) }) }`;
    expect(await evaluate(expression, input)).toEqual({
      id: "9223372036854775807",
      at: "2026-11-30T09:00:00+01:00",
      all: [true, false],
    });

    const failure = evaluate("$toInteger64(name)", input);
    await expect(failure).rejects.toThrow("$toInteger64: It is no number");
    await expect(failure).rejects.not.toThrow("canary");
  });
});

/** The value of a decimal, in units of 10^-40. */
function scaled(text: string): bigint {
  const [whole = "", rest = ""] = text.replace("-", "").split(".");
  const size = BigInt(`${whole}${rest.padEnd(40, "0")}`);
  return text.startsWith("-") ? -size : size;
}
