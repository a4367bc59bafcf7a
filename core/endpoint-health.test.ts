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

const jira = { name: "jira", capabilities: ["metadata.collect" as const] };
const healthy = (changes: Partial<Endpoint>, states: UnitState[] = [], connector = jira) =>
  endpointHealth({ ...endpoint, ...changes }, states, connector).healthy;

describe("endpointHealth", () => {
  it("is green only on evidence", () => {
    expect(healthy({}, [state("COMPLETE"), state(null)])).toBe(true);
    expect(healthy({ lastCollectedAt: null })).toBe(false);
    expect(healthy({ enabled: false })).toBe(false);
    expect(healthy({ connection: { ...NOT_CONNECTED, status: "AUTH_ERROR" } })).toBe(false);
    for (const bad of ["FAILED", "SUSPICIOUS"] as const)
      expect(healthy({}, [state(bad)])).toBe(false);
  });

  it("of an endpoint with methods only is what its vendor said of its credentials", () => {
    const github = { name: "github", capabilities: [] };
    const never = { lastCollectedAt: null };
    const taken = { ...NOT_CONNECTED, status: "CONNECTED", lastConnectedAt: "x" } as const;
    expect(healthy({ ...never, connection: taken }, [], github)).toBe(true);
    expect(healthy(never, [], github)).toBe(false);
    const refused = { ...taken, status: "AUTH_ERROR" } as const;
    expect(healthy({ ...never, connection: refused }, [], github)).toBe(false);
  });
});
