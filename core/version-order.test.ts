import { describe, expect, it } from "vitest";
import { majorOf, newestFirst, newestOfMajor } from "./version-order.ts";

describe("versions", () => {
  it("are ordered by number, not by letter", () => {
    expect(["1.9.0", "1.10.0", "2.0.0", "1.10.1"].sort(newestFirst)).toEqual([
      "2.0.0",
      "1.10.1",
      "1.10.0",
      "1.9.0",
    ]);
  });

  it("have a major", () => {
    expect(["0.9.0", "1.10.0", "12.0.3"].map(majorOf)).toEqual([0, 1, 12]);
  });

  it("of a pinned major are followed within it", () => {
    expect(newestOfMajor(["1.2.0", "1.10.0", "2.0.0"], "1.2.0")).toBe("1.10.0");
    expect(newestOfMajor(["2.0.0"], "1.2.0")).toBeUndefined();
  });
});
