import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { getAskedProbe, getProbe, queueProbe } from "../../adapters/dynamodb/probes/store.ts";
import { readUsage } from "../../adapters/dynamodb/tenants/usage.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { anEndpoint, aProbe } from "../../tests/histories/nouns.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import type { Deps } from "./deps.ts";
import { startProbe } from "./start-probe.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const QUEUED_AT = "2026-11-30T09:00:00.000Z";

async function startedAt(tenantId: string, instant: string, endpoint: Partial<Endpoint> = {}) {
  const made = { ...anEndpoint(tenantId), ...endpoint };
  const Item = { ...keys.endpoint(tenantId, made.endpointId), entity: "endpoint", ...made };
  await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
  await queueProbe(tables, { ...aProbe(tenantId), queuedAt: QUEUED_AT });
  const deps: Deps = {
    tables,
    environment: "test",
    grantKey: new Uint8Array(32),
    defaultQuotas: QUOTAS,
    isWorkflowOpen: () => Promise.reject(new Error("not asked")),
    readStaged: () => Promise.reject(new Error("not read")),
    now: () => new Date(instant),
  };
  const work = await startProbe(deps, { tenantId, probeId: "prb_1" });
  return { work, probe: await getProbe(tables, tenantId, "prb_1") };
}

describe("a probe that waits in a queue", () => {
  it("is asked while somebody waits for it, and says until when", async () => {
    const { work, probe } = await startedAt("patient", "2026-11-30T09:01:00.000Z");
    expect(work).toMatchObject({ kind: "TEST_ENDPOINT", deadline: "2026-11-30T09:01:30.000Z" });
    expect(probe.status).toBe("RUNNING");
  });

  it("says which of the endpoint's credentials it tries", async () => {
    await startedAt("tried", "2026-11-30T09:01:00.000Z", {
      authType: "basic",
      credentialVersion: "v-1",
    });
    expect((await getAskedProbe(tables, "tried", "prb_1")).tried).toBe("v-1");
  });

  it("is answered without the source once nobody waits, and counts no longer", async () => {
    const { work, probe } = await startedAt("gone", "2026-11-30T09:01:30.000Z");
    expect(work).toBeNull();
    expect(probe).toMatchObject({ status: "FAILED", error: { code: "TIMEOUT", retryable: true } });
    expect(await readUsage(tables, "gone", new Date(QUEUED_AT))).toMatchObject({
      runningProbes: 0,
    });
  });
});
