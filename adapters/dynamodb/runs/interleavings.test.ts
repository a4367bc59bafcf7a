import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { RunPlan } from "../../../schemas/run-plan.ts";
import { ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import {
  aClaimant,
  advance,
  aPlan,
  aTenant,
  checkpointOf,
  now,
  stateOf,
} from "../../../tests/stage/played-unit.ts";
import type { Tables } from "../client.ts";
import { readUsage } from "../tenants/usage.ts";
import { claimUnit } from "./claim.ts";
import { completeRun, failRun } from "./end.ts";
import { releaseOrphan } from "./release.ts";
import { getRun } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

describe("a unit on the real tables, under any interleaving", () => {
  const step = fc.record({
    run: fc.nat(3),
    act: fc.constantFrom("claim", "advance", "orphan", "fail", "complete"),
  });

  it("has one owner, and a checkpoint that never goes back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 8 }),
        async (rounds) => {
          const tenantId = aTenant();
          const plans = new Map<number, RunPlan>();
          const slices = new Map<number, number>();
          let position = 0;
          for (const round of rounds) {
            // The steps of one round race each other.
            await Promise.allSettled(round.map((one) => play(tenantId, one, plans, slices)));
            const checkpoint = await checkpointOf(tables, tenantId);
            expect(checkpoint?.position ?? 0).toBeGreaterThanOrEqual(position);
            position = checkpoint?.position ?? 0;
            await expectOneOwner(tenantId, plans);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  async function play(
    tenantId: string,
    { run, act }: { run: number; act: string },
    plans: Map<number, RunPlan>,
    slices: Map<number, number>,
  ): Promise<void> {
    const plan = plans.get(run);
    const runId = `run_${run}`;
    if (act === "claim") {
      const { claim, state } = await claimUnit(tables, aClaimant(tenantId, runId), now());
      if (claim === "TAKE") plans.set(run, aPlan(tenantId, runId, state.epoch));
    }
    if (act === "orphan") {
      const state = await stateOf(tables, tenantId);
      if (state) await releaseOrphan(tables, state, now());
    }
    if (!plan) return;
    if (act === "advance") {
      const ordinal = slices.get(run) ?? 0;
      slices.set(run, ordinal + 1);
      const seen = await checkpointOf(tables, tenantId);
      await advance(
        tables,
        { ...plan, checkpoint: seen ? { cursor: seen.cursor, position: seen.position } : null },
        ordinal,
      );
    }
    const about = { tenantId, endpointId: ENDPOINT, unitId: UNIT, runId };
    const end = { stats: NO_STATS, evidence: [] };
    if (act === "fail")
      await failRun(tables, { run: about, runId, cancelled: true, error: null, ...end }, now());
    if (act === "complete") await completeRun(tables, { plan, committed: null, ...end }, now());
  }

  async function expectOneOwner(tenantId: string, plans: Map<number, RunPlan>) {
    const state = await stateOf(tables, tenantId);
    const active: string[] = [];
    for (const plan of plans.values()) {
      const run = await getRun(tables, tenantId, plan.runId);
      if (run.status === "RUNNING") active.push(run.runId);
    }
    const owner = state && state.lease.state !== "FREE" ? [state.lease.runId] : [];
    expect(active).toEqual(owner);
    expect((await readUsage(tables, tenantId, new Date())).runningUnits).toBe(owner.length);
  }
});
