import { describe, expect, it } from "vitest";
import { type RefillFacts, refuseRefill } from "./refill-rules.ts";
import { KB_SINK } from "./unit-config-rules.ts";

const MERGED: RefillFacts = {
  sinkId: "sink_1",
  comparesVersions: true,
  policy: { primaryKeys: ["id"] },
};

describe("refuseRefill", () => {
  it("lets a unit be refilled whose rows are merged by key", () => {
    expect(() => refuseRefill(MERGED)).not.toThrow();
  });

  it.each([
    [{ sinkId: KB_SINK, comparesVersions: false }, /knowledge base/],
    [{ comparesVersions: false }, /never changes .* Run the unit in full/],
    [{ policy: {} }, /without a key .* Set policy.primaryKeys/],
  ])("refuses one whose rows have no place of their own: %o", (changes, message) => {
    expect(() => refuseRefill({ ...MERGED, ...changes })).toThrow(message);
  });
});
