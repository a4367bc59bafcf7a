import { describe, expect, it } from "vitest";
import type { UnitDescriptor } from "../schemas/connector.ts";
import { requireUnit, unitsOf } from "./unit-catalog.ts";

const descriptor = (name: string): UnitDescriptor => ({
  unitId: name,
  dataset: name,
  name,
  defaultMode: "FULL",
  supportedModes: ["FULL"],
  defaultPolicy: {},
  policySchema: {},
});
const dataset = (name: string, changes = {}) => ({
  datasetId: `ep_1:${name}`,
  name,
  ingestable: true,
  vanished: false,
  ...changes,
});
const connector = { units: ["a", "b", "c", "d"].map(descriptor) };
const collected = { endpointId: "ep_1", lastCollectedAt: "2026-11-21T10:00:00Z" };

describe("unitsOf", () => {
  it("gives the units whose dataset is there, ingestable and not vanished", () => {
    const datasets = [
      dataset("a"),
      dataset("b", { ingestable: false }),
      dataset("c", { vanished: true }),
      dataset("e"),
    ];
    expect(unitsOf(connector, collected, datasets)).toMatchObject([
      { unitId: "a", datasetId: "ep_1:a", endpointId: "ep_1" },
    ]);
  });

  it("gives none to an endpoint that was never collected, whatever lies about", () => {
    expect(unitsOf(connector, { ...collected, lastCollectedAt: null }, [dataset("a")])).toEqual([]);
  });
});

describe("requireUnit", () => {
  it("tells never collected from unknown", () => {
    const units = unitsOf(connector, collected, [dataset("a")]);
    expect(requireUnit(collected, units, "a").unitId).toBe("a");
    expect(() => requireUnit(collected, units, "z")).toThrow(
      expect.objectContaining({ code: "UNIT_UNKNOWN" }),
    );
    const never = { ...collected, lastCollectedAt: null };
    expect(() => requireUnit(never, [], "a")).toThrow(
      expect.objectContaining({ code: "NOT_COLLECTED" }),
    );
  });
});
