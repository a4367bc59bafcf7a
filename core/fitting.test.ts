import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitting } from "./fitting.ts";

describe("what has to fit", () => {
  it("stays as it is when it does", () => {
    expect(fitting({ a: "x".repeat(100) }, 200)).toEqual({ a: "x".repeat(100) });
    expect(fitting(null, 10)).toBeNull();
    expect(fitting("x".repeat(100), 10)).toHaveProperty("omitted.bytes", 102);
  });

  it("gives up its largest members first, and says how large they were", () => {
    const { version, cursor } = fitting({ version: 3, cursor: "x".repeat(1000) }, 200) as Record<
      string,
      unknown
    >;
    expect(version).toBe(3);
    expect(cursor).toEqual({
      omitted: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 1002 },
    });
  });

  it("fits, with every member by its name", () => {
    const thing = fc.dictionary(
      fc.constantFrom("a", "b", "c", "d"),
      fc.string({ maxLength: 3000 }),
    );
    fc.assert(
      fc.property(thing, (given) => {
        const left = fitting({ ...given }, 1000) as object;
        expect(Object.keys(left).sort()).toEqual(Object.keys(given).sort());
        expect(JSON.stringify(left).length).toBeLessThanOrEqual(1000);
      }),
    );
  });
});
