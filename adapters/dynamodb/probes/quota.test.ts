import { beforeAll, describe, expect, it } from "vitest";
import type { Collection, Probe } from "../../../schemas/collection.ts";
import { aCollection, anEndpoint, aProbe } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import { failCollection } from "../catalog/collection-progress.ts";
import { createTickCollection, queueCollection } from "../catalog/collections.ts";
import type { Tables } from "../client.ts";
import { createEndpoint, getEndpoint } from "../endpoints/store.ts";
import { readUsage } from "../tenants/usage.ts";
import { finishProbe } from "./progress.ts";
import { queueProbe } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const now = () => new Date();
const ANSWER = { summary: {}, key: null, error: null };
const MINUTE_MS = 60_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

const probeOf = (tenantId: string, nth: number, queuedAt = now().toISOString()): Probe => ({
  ...aProbe(tenantId),
  probeId: `prb_${nth}`,
  queuedAt,
});
const collectionOf = (tenantId: string, queuedAt = now().toISOString()): Collection => ({
  ...aCollection(tenantId),
  queuedAt,
});
const running = async (tenantId: string) =>
  (await readUsage(tables, tenantId, now())).runningProbes;

describe("the quota of probes", () => {
  it("lets no more be at work than it says, however many come, and names itself", async () => {
    const asked = Array.from({ length: 30 }, (_, nth) =>
      queueProbe(tables, probeOf("flood", nth), { limit: 4 }),
    );
    const refused = (await Promise.allSettled(asked)).filter((one) => one.status === "rejected");
    expect(refused).toHaveLength(26);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({
        code: "RATE_LIMITED",
        details: { quota: "runningProbes", limit: 4, retryAfterSeconds: 2 },
      });
    }
    expect(await running("flood")).toBe(4);
  });

  it("gives a place back with the answer, once", async () => {
    await queueProbe(tables, probeOf("answered", 1), { limit: 1 });
    await expect(queueProbe(tables, probeOf("answered", 2), { limit: 1 })).rejects.toMatchObject({
      code: "RATE_LIMITED",
    });
    await finishProbe(tables, "answered", "prb_1", ANSWER, now());
    await queueProbe(tables, probeOf("answered", 3), { limit: 1 });
    await finishProbe(tables, "answered", "prb_1", ANSWER, now());
    expect(await running("answered")).toBe(1);
  });

  it("counts collections, asked or of a tick, until they end", async () => {
    await createEndpoint(tables, anEndpoint("collects"), "anna");
    const seen = await getEndpoint(tables, "collects", "ep");
    const collection = collectionOf("collects");
    await queueProbe(tables, probeOf("collects", 1));
    await expect(
      queueCollection(tables, collection, seen, "anna", { limit: 1 }),
    ).rejects.toMatchObject({
      code: "RATE_LIMITED",
    });
    await expect(createTickCollection(tables, collection, seen, "tick", 1)).rejects.toMatchObject({
      code: "RATE_LIMITED",
    });
    await queueCollection(tables, collection, seen, "anna", { limit: 2 });
    expect(await running("collects")).toBe(2);
    const error = { code: "INTERNAL", message: "Lost. Collect again.", retryable: true } as const;
    await failCollection(tables, collection, error, now());
    expect(await running("collects")).toBe(1);
  });

  it("forgets those whose workflow was lost", async () => {
    await queueProbe(tables, probeOf("lost", 1, ago(3 * MINUTE_MS)));
    expect(await running("lost")).toBe(0);
    await queueProbe(tables, probeOf("lost", 2), { limit: 1 });
    expect(await running("lost")).toBe(1);
  });
});
