import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonFault } from "./plain-json.ts";

const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

describe("jsonFault", () => {
  it.each([
    [2 ** 53],
    [1e300],
    [1e-200],
    [Number.POSITIVE_INFINITY],
    [{ "": 1 }],
    [JSON.parse('{"__proto__": 1}')],
    [[nested(30)]],
    ["\ud800"],
    ["a\udc00b"],
    [{ filters: ["\udbff"] }],
    [{ "\ud83d": 1 }],
  ])("refuses %j", (value) => {
    expect(jsonFault(value)).toMatch(/\. \w/);
  });

  it("lets whole characters through, whatever they are", () => {
    expect(jsonFault({ "\ud83d\ude00": ["\ud83d\ude00", "\u0000", "\uffff"] })).toBeUndefined();
  });

  it("lets through what people send", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__");
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constantFrom(0.1, -2.5, -1e-100, 0, null, true),
    );
    const sent = fc.dictionary(name, fc.oneof(value, fc.array(value), fc.dictionary(name, value)));
    fc.assert(fc.property(sent, (value) => jsonFault(value) === undefined));
  });
});
