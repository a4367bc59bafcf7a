import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import {
  aClaimant,
  aRunningPlan,
  aTenant,
  now,
  stateOf,
} from "../../../tests/stage/played-unit.ts";
import type { Tables } from "../client.ts";
import { claimUnit } from "./claim.ts";
import { queueRun } from "./queue.ts";
import { releaseOrphan } from "./release.ts";
import { recordSkipped } from "./skip.ts";
import { findRun, getRun } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

describe("claimUnit", () => {
  it("lets one of twenty ticks have the unit", async () => {
    const tenantId = aTenant();
    const claims = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        claimUnit(tables, aClaimant(tenantId, `run_${n}`), now()),
      ),
    );
    const taken = claims.filter((c) => c.status === "fulfilled" && c.value.claim === "TAKE");
    expect(taken).toHaveLength(1);
  });

  it("answers a retry as it answered first", async () => {
    const tenantId = aTenant();
    const first = await claimUnit(tables, aClaimant(tenantId, "run_1"), now());
    const again = await claimUnit(tables, aClaimant(tenantId, "run_1"), now());
    expect(again).toMatchObject({ claim: "MINE", state: { epoch: first.state.epoch } });
  });

  it("starts the run that was queued, under the epoch of its queueing", async () => {
    const tenantId = aTenant();
    const { workflowId: _, ...claimant } = aClaimant(tenantId, "run_1");
    const queued = await queueRun(tables, {
      ...claimant,
      trigger: "MANUAL",
      actor: "anna",
      now: now(),
    });
    expect((await claimUnit(tables, aClaimant(tenantId, "run_2"), now())).claim).toBe("BUSY");
    const { claim, state } = await claimUnit(tables, aClaimant(tenantId, "run_1"), now());
    expect([claim, state.epoch]).toEqual(["START", queued.epoch]);
    expect(await getRun(tables, tenantId, "run_1")).toMatchObject({ status: "RUNNING" });
  });

  it("does not start a run that was ended before it began", async () => {
    const tenantId = aTenant();
    const { workflowId: _, ...claimant } = aClaimant(tenantId, "run_1");
    await queueRun(tables, { ...claimant, trigger: "MANUAL", actor: "anna", now: now() });
    const queued = await stateOf(tables, tenantId);
    if (queued) await releaseOrphan(tables, queued, now());
    expect((await claimUnit(tables, aClaimant(tenantId, "run_1"), now())).claim).toBe("LOST");
  });
});

describe("recordSkipped", () => {
  it("records the run once and leaves the unit alone", async () => {
    const { tenantId } = await aRunningPlan(tables, aTenant());
    const before = await stateOf(tables, tenantId);
    const why = { code: "OVERLAP", message: "The unit is taken." };
    await recordSkipped(tables, aClaimant(tenantId, "run_2"), why, now());
    await recordSkipped(tables, aClaimant(tenantId, "run_2"), why, now());
    expect(await findRun(tables, tenantId, "run_2")).toMatchObject({
      status: "SKIPPED",
      startedAt: null,
      evidence: [why],
    });
    expect(await stateOf(tables, tenantId)).toEqual(before);
  });
});
