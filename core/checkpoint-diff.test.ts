import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkpointDiff } from "./checkpoint-diff.ts";

describe("checkpointDiff", () => {
  it("names every leaf that moved, came or went", () => {
    const before = { cursor: { updated: 7, boundary: { ids: ["a"] }, page: 2 }, position: 7 };
    const after = {
      cursor: { updated: 9, boundary: { ids: ["a", "b"] }, zone: "UTC" },
      position: 9,
    };
    expect(checkpointDiff(before, after)).toEqual([
      { path: "cursor.boundary.ids", before: ["a"], after: ["a", "b"] },
      { path: "cursor.page", before: 2, after: null },
      { path: "cursor.updated", before: 7, after: 9 },
      { path: "cursor.zone", before: null, after: "UTC" },
      { path: "position", before: 7, after: 9 },
    ]);
  });

  it("shows all of a first version, and of a reset what it forgot", () => {
    const first = { cursor: { updated: 7 }, position: null };
    expect(checkpointDiff(undefined, first)).toEqual([
      { path: "cursor.updated", before: null, after: 7 },
    ]);
    expect(checkpointDiff(first, { cursor: {}, position: null })).toEqual([
      { path: "cursor.updated", before: 7, after: null },
    ]);
  });

  const position = fc.record({
    cursor: fc.dictionary(fc.string(), fc.jsonValue()),
    position: fc.option(fc.integer()),
  });

  it("of a version with itself is nothing, and backwards the same with its sides exchanged", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        expect(checkpointDiff(a, a)).toEqual([]);
        const back = checkpointDiff(b, a).map(({ path, before, after }) => ({
          path,
          before: after,
          after: before,
        }));
        expect(back).toEqual(checkpointDiff(a, b));
      }),
    );
  });
});
