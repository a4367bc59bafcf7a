import fc from "fast-check";
import { expect, it } from "vitest";
import { rowFigures } from "./row-figures.ts";

it("adds up to what was read, whatever the rows came to", () => {
  const rows = fc.nat(1e6);
  const parts = fc.tuple(rows, rows, rows, rows, rows);
  fc.assert(
    fc.property(parts, ([landed, unchanged, repeated, quarantined, filtered]) => {
      const deduplicated = unchanged + repeated;
      const stats = {
        read: landed + deduplicated + quarantined + filtered,
        landed,
        deduplicated,
        unchanged,
        quarantined,
        filtered,
      };
      const [[, read] = ["read", 0], ...shown] = rowFigures(stats);
      expect(shown.reduce((sum, [, rows]) => sum + rows, 0)).toBe(read);
    }),
  );
});

it("says of a second run of what did not change that all of it is unchanged", () => {
  const stats = { read: 7, landed: 0, deduplicated: 7, unchanged: 7, quarantined: 0 };
  const told = rowFigures(stats).map(([name, rows]) => `${rows} ${name}`);
  expect(told).toEqual(["7 read", "0 landed", "7 unchanged", "0 quarantined"]);
});
