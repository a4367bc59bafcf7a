import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { runItem } from "../../adapters/dynamodb/runs/items.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type { Run } from "../../schemas/run.ts";
import {
  ADMIN,
  type Caller,
  caller,
  collected,
  startControlPlane,
} from "../../tests/stage/control-plane.ts";
import { handler as administration } from "./administration/handler.ts";
import { handler as endpoints } from "./endpoints/handler.ts";
import { handler as runs } from "./runs/handler.ts";
import { handler as sinkArea } from "./sinks/handler.ts";

const PLATFORM: Caller = { tenantId: "platform", roles: ["platform"] };
const unitId = "shop.orders";
let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

interface Told {
  readonly path: string;
  readonly body?: object;
}

/** Every operation that takes a key, with what it needs. */
const OPERATIONS: [
  string,
  (endpointId: string) => Promise<Told & { readonly through: typeof runs }>,
][] = [
  [
    "startRun",
    async (endpointId) => ({ through: runs, path: "/runs", body: { endpointId, unitId } }),
  ],
  [
    "replayRun",
    async (endpointId) => ({ through: runs, path: `/runs/${await anEndedRun(endpointId)}/replay` }),
  ],
  [
    "redriveQuarantine",
    async (endpointId) => ({
      through: endpoints,
      path: `/endpoints/${endpointId}/units/${unitId}/quarantine/redrive`,
      body: {},
    }),
  ],
  [
    "discardQuarantine",
    async (endpointId) => ({
      through: endpoints,
      path: `/endpoints/${endpointId}/units/${unitId}/quarantine/discard`,
      body: {},
    }),
  ],
  [
    "refillUnit",
    async (endpointId) => ({
      through: endpoints,
      path: `/endpoints/${endpointId}/units/${unitId}/refill`,
    }),
  ],
  [
    "collectEndpoint",
    async (endpointId) => ({ through: endpoints, path: `/endpoints/${endpointId}/collect` }),
  ],
];

async function anEndedRun(endpointId: string): Promise<string> {
  const { body } = await caller(endpoints)("GET", `/endpoints/${endpointId}/units`);
  expect(body.items).toHaveLength(1);
  const at = new Date(Date.now() - 3_600_000).toISOString();
  const sinks = (await caller(sinkArea)("GET", "/sinks")).body.items;
  const run: Run = {
    runId: `run_of_${endpointId.slice(3)}`,
    tenantId: ADMIN.tenantId,
    endpointId,
    unitId,
    connector: "shop",
    sinkId: sinks[0].sinkId,
    mode: "INCREMENTAL",
    trigger: "SCHEDULE",
    status: "COMPLETE",
    waiting: null,
    epoch: 7,
    queuedAt: at,
    startedAt: at,
    finishedAt: at,
    progress: null,
    stats: NO_STATS,
    evidence: [],
    error: null,
    cancelRequested: false,
    replayOf: null,
    redrive: null,
    refill: null,
    retainStagingDays: 1,
  };
  await tables.client.send(
    new PutCommand({ TableName: tables.control, Item: { ...runItem(run), committedSlice: 0 } }),
  );
  return run.runId;
}

async function anEndpoint(name: string, as = ADMIN): Promise<string> {
  const body = { name, connector: "shop", config: { baseUrl: "https://shop.example" } };
  const { endpointId } = (await caller(endpoints)("POST", "/endpoints", { body, as })).body;
  await collected(tables, as.tenantId, endpointId, [unitId]);
  return endpointId;
}

describe.each(OPERATIONS)("a key of %s", (name, prepare) => {
  it("gets what was recorded, whatever has changed since", async () => {
    const endpointId = await anEndpoint(`Keyed ${name}`);
    const { through, path, body } = await prepare(endpointId);
    const send = (key: string, as = ADMIN) =>
      caller(through)("POST", path, {
        as,
        headers: { "idempotency-key": key },
        ...(body && { body }),
      });
    const first = await send("k-1");
    expect(first.status).toBe(202);

    // The unit runs, the endpoint is disabled, its catalogue has lost the unit: a new key is
    // refused, this one is not.
    expect(await send("k-1")).toEqual(first);
    const off = { body: { enabled: false }, headers: { "if-match": "*" } };
    expect((await caller(endpoints)("PATCH", `/endpoints/${endpointId}`, off)).status).toBe(200);
    expect((await send("k-2")).status).toBe(409);
    expect(await send("k-1")).toEqual(first);

    expect(
      (
        await caller(endpoints)("DELETE", `/endpoints/${endpointId}`, {
          headers: { "if-match": "*" },
        })
      ).status,
    ).toBe(204);
    expect(await send("k-1")).toEqual(first);
    expect((await send("k-1", { ...ADMIN, roles: ["viewer"] })).status).toBe(403);
  });

  it("gives twins one answer, however they meet", async () => {
    const { through, path, body } = await prepare(await anEndpoint(`Twins ${name}`));
    const send = () =>
      caller(through)("POST", path, {
        headers: { "idempotency-key": "twins" },
        ...(body && { body }),
      });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.status).toBe(202);
  });
});

it("a key whose tenant was suspended meanwhile gets what was recorded", async () => {
  const as: Caller = { tenantId: "suspendable", roles: ["admin"] };
  const tenant = caller(administration);
  await tenant("POST", "/tenants", {
    as: PLATFORM,
    body: { tenantId: as.tenantId, name: "Suspendable" },
  });
  const body = { endpointId: await anEndpoint("Suspended", as), unitId };
  const send = (key: string) =>
    caller(runs)("POST", "/runs", { as, body, headers: { "idempotency-key": key } });
  const first = await send("s-1");
  expect(first.status).toBe(202);

  const patch = { as: PLATFORM, body: { status: "SUSPENDED" }, headers: { "if-match": "*" } };
  expect((await tenant("PATCH", `/tenants/${as.tenantId}`, patch)).status).toBe(200);
  expect((await send("s-2")).status).toBe(409);
  expect(await send("s-1")).toEqual(first);
});
