import { describe, expect, it } from "vitest";
import type { UnitDescriptor } from "../schemas/connector.ts";
import { areOutdated, requireUnit, unitsOf, upgradedUnits } from "./unit-catalog.ts";

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
const units = ["a", "b", "c", "d"].map(descriptor);
const collected = { endpointId: "ep_1", lastCollectedAt: "2026-11-21T10:00:00Z" };

describe("unitsOf", () => {
  it("gives the units whose dataset is there, ingestable and not vanished", () => {
    const datasets = [
      dataset("a"),
      dataset("b", { ingestable: false }),
      dataset("c", { vanished: true }),
      dataset("e"),
    ];
    expect(unitsOf(units, collected, datasets)).toMatchObject([
      { unitId: "a", datasetId: "ep_1:a", endpointId: "ep_1" },
    ]);
  });

  it("gives none to an endpoint that was never collected, whatever lies about", () => {
    expect(unitsOf(units, { ...collected, lastCollectedAt: null }, [dataset("a")])).toEqual([]);
  });
});

describe("the units of an endpoint that was upgraded since its collection", () => {
  const overlap = { type: "object", properties: { overlapMinutes: { type: "integer" } } };
  const manifest = (...names: string[]) => ({ units: names.map(descriptor) });
  const ids = (found: readonly UnitDescriptor[]) => found.map(({ unitId }) => unitId);

  it("are not those that were collected, exactly when the endpoint's version is newer", () => {
    const found = { connectorVersion: "1.10.0", units };
    const pins = ["1.2.0", "1.10.0", "1.11.0", "2.0.0"];
    expect(pins.map((pinned) => areOutdated(found, pinned))).toEqual([false, false, true, true]);
  });

  it("take from the new manifest what it lists, and lose what it lists no more", () => {
    const found = { connectorVersion: "1.0.0", units: ["a", "b"].map(descriptor) };
    const pinned = { units: [{ ...descriptor("a"), policySchema: overlap }, descriptor("c")] };
    const upgraded = upgradedUnits(found, pinned, manifest("a", "b"));
    expect(ids(upgraded)).toEqual(["a", "c"]);
    expect(upgraded[0]?.policySchema).toBe(overlap);
  });

  it("keep what only the collection could find", () => {
    const form = { ...descriptor("forms.leave"), policySchema: overlap };
    const found = { connectorVersion: "1.0.0", units: [descriptor("a"), form] };
    const upgraded = upgradedUnits(found, manifest("a", "c"), manifest("a"));
    expect(ids(upgraded)).toEqual(["a", "c", "forms.leave"]);
    expect(upgraded[2]).toBe(form);
  });

  it("are the manifest's where the collection brought none", () => {
    expect(ids(upgradedUnits(undefined, manifest("a", "b"), undefined))).toEqual(["a", "b"]);
  });
});

describe("requireUnit", () => {
  it("tells never collected from unknown", () => {
    const found = unitsOf(units, collected, [dataset("a")]);
    expect(requireUnit(collected, found, "a").unitId).toBe("a");
    expect(() => requireUnit(collected, found, "z")).toThrow(
      expect.objectContaining({ code: "UNIT_UNKNOWN" }),
    );
    const never = { ...collected, lastCollectedAt: null };
    expect(() => requireUnit(never, [], "a")).toThrow(
      expect.objectContaining({ code: "NOT_COLLECTED" }),
    );
  });
});
