import { createHash } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { endpointItem } from "../../adapters/dynamodb/endpoints/items.ts";
import { listNodes } from "../../adapters/dynamodb/knowledge/store.ts";
import { claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import type { RunPlan } from "../../schemas/run-plan.ts";
import { anEndpoint, ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import type { Deps } from "./deps.ts";
import { enrichKnowledgeBase } from "./enrich-knowledge-base.ts";

const RUN = "run_1";
let tables: Tables;
let tenants = 0;
beforeAll(async () => {
  tables = await testTables();
});

/**
 * A run of the unit with a slice of so many batches of two records each; `spoil` changes the staged
 * objects.
 */
async function aSlice(
  batches: number,
  spoil: (staged: Map<string, Uint8Array>) => void = () => undefined,
) {
  const tenantId = `act${++tenants}`;
  const { state } = await claimUnit(
    tables,
    {
      tenantId,
      runId: RUN,
      endpointId: ENDPOINT,
      unitId: UNIT,
      trigger: "SCHEDULE",
      mode: "INCREMENTAL",
      sinkId: "kb",
      connector: "jira",
      workflowId: "w",
    },
    new Date(),
  );
  await tables.client.send(
    new PutCommand({ TableName: tables.control, Item: endpointItem(anEndpoint(tenantId)) }),
  );
  const staged = new Map<string, Uint8Array>();
  const put = (name: string, text: string, records: number) => {
    const [key, body] = [`stg/${tenantId}/${RUN}/0/1/kb/${name}`, Buffer.from(text)];
    staged.set(key, body);
    return {
      key,
      sha256: createHash("sha256").update(body).digest("hex"),
      records,
      bytes: body.length,
    };
  };
  const listed = Array.from({ length: batches }, (_, batch) => {
    const lines = [0, 1].map((n) => JSON.stringify(aRecord(batch * 2 + n)));
    return put(`${batch}.jsonl`, `${lines.join("\n")}\n`, 2);
  });
  const enrichment = {
    ...put("BATCHES.json", JSON.stringify({ batches: listed }), batches * 2),
    batches,
  };
  spoil(staged);
  const plan = { ...aPlan(tenantId), epoch: state.epoch };
  return { plan, enrichment, deps: depsWith(staged), slice: 0 };
}

const aRecord = (n: number) => ({
  entityType: "entity.issue",
  id: String(n),
  cursor: null,
  payload: { n },
  relations: [],
});

function aPlan(tenantId: string): RunPlan {
  const { slug, connector, connectorVersion, config } = anEndpoint(tenantId);
  return {
    tenantId,
    runId: RUN,
    unitId: UNIT,
    dataset: UNIT,
    fields: [],
    mode: "INCREMENTAL",
    policy: {},
    epoch: 1,
    trigger: "SCHEDULE",
    sink: null,
    stagingProviderId: "object_store",
    landedBefore: null,
    source: {
      endpointId: ENDPOINT,
      slug,
      connector,
      connectorVersion,
      config,
      authType: null,
      credential: null,
    },
    checkpoint: null,
    checkpointVersion: 0,
  };
}

/** What the activity works with. */
function depsWith(staged: ReadonlyMap<string, Uint8Array>): Deps {
  const used: Pick<Deps, "tables" | "readStaged" | "now"> = {
    tables,
    readStaged: async (key, mostBytes = 0) => {
      const body = staged.get(key) ?? new Uint8Array();
      if (body.length > mostBytes) throw new Error("too large");
      return body;
    },
    now: () => new Date(Date.UTC(2026, 0, 1)),
  };
  return used as Deps;
}

const silent = () => undefined;
const known = async ({ tenantId }: RunPlan) =>
  (await listNodes(tables, tenantId, { scope: ENDPOINT }, { limit: 100 })).items.length;

describe("enrichKnowledgeBase", () => {
  it("takes every batch, and beats between them", async () => {
    let beats = 0;
    const { deps, ...input } = await aSlice(3);
    const done = await enrichKnowledgeBase(deps, { ...input, from: 0 }, () => beats++);
    expect(done).toEqual({ inserted: 6, updated: 0, deduplicated: 0, unchanged: 0, next: null });
    expect(beats).toBe(3);
    expect(await known(input.plan)).toBe(6);
  });

  it("stops when its time is up and says where to go on", async () => {
    const { deps, ...input } = await aSlice(3);
    let minutes = 0;
    const late = { ...deps, now: () => new Date(Date.UTC(2026, 0, 1, 0, minutes++)) };
    const first = await enrichKnowledgeBase(late, { ...input, from: 0 }, silent);
    expect(first).toEqual({ inserted: 2, updated: 0, deduplicated: 0, unchanged: 0, next: 1 });
    const rest = await enrichKnowledgeBase(deps, { ...input, from: 1 }, silent);
    expect(rest).toEqual({ inserted: 4, updated: 0, deduplicated: 0, unchanged: 0, next: null });
  });

  it.each<[string, (staged: Map<string, Uint8Array>) => void]>([
    ["a batch that changed", (staged) => change(staged, "0.jsonl")],
    ["a list that changed", (staged) => change(staged, "BATCHES.json")],
    ["a batch that is gone", (staged) => staged.delete([...staged.keys()][0] ?? "")],
  ])("refuses %s", async (_, spoil) => {
    const { deps, ...input } = await aSlice(1, spoil);
    const spoilt = enrichKnowledgeBase(deps, { ...input, from: 0 }, silent);
    await expect(spoilt).rejects.toMatchObject({ code: "STAGING_CORRUPT" });
    expect(await known(input.plan)).toBe(0);
  });

  it("reads no other run's staging", async () => {
    const { deps, ...input } = await aSlice(1);
    const plan = { ...input.plan, runId: "run_2" };
    const strange = enrichKnowledgeBase(deps, { ...input, plan, from: 0 }, silent);
    await expect(strange).rejects.toMatchObject({ code: "STAGING_CORRUPT" });
  });
});

function change(staged: Map<string, Uint8Array>, name: string): void {
  const key = [...staged.keys()].find((one) => one.endsWith(name)) ?? "";
  staged.set(key, Buffer.concat([staged.get(key) ?? new Uint8Array(), Buffer.from(" ")]));
}
