import { describe, expect, it } from "vitest";
import type { Endpoint } from "../schemas/endpoint.ts";
import type { UnitState } from "../schemas/unit-state.ts";
import { NOT_CONNECTED } from "./connection.ts";
import { endpointHealth } from "./endpoint-health.ts";

const endpoint = {
  endpointId: "ep_1",
  enabled: true,
  status: "READY",
  lastCollectedAt: "x",
  lastError: null,
  connection: NOT_CONNECTED,
  credentialVersion: "v",
} as Endpoint;
const state = (lastStatus: UnitState["lastStatus"]) =>
  ({ unitId: "a", lastStatus, finishedAt: null }) as UnitState;

describe("endpointHealth", () => {
  it("is green only on evidence", () => {
    expect(endpointHealth(endpoint, [state("COMPLETE"), state(null)]).healthy).toBe(true);
    expect(endpointHealth({ ...endpoint, lastCollectedAt: null }, []).healthy).toBe(false);
    expect(endpointHealth({ ...endpoint, enabled: false }, []).healthy).toBe(false);
    const connection = { ...NOT_CONNECTED, status: "AUTH_ERROR" as const };
    expect(endpointHealth({ ...endpoint, connection }, []).healthy).toBe(false);
    for (const bad of ["FAILED", "SUSPICIOUS"] as const)
      expect(endpointHealth(endpoint, [state(bad)]).healthy).toBe(false);
  });
});
