import type { Scheduler } from "fast-check";
import { expect } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { waitsForBridge } from "../../adapters/dynamodb/runs/release.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { findStoredUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { scheduledRunId } from "../../adapters/temporal/workflow-ids.ts";
import { START_DEADLINE_MS } from "../../core/lease.ts";
import { aUnitConfig, ENDPOINT, UNIT } from "../histories/nouns.ts";
import { aTenantAtWork } from "../histories/stage.ts";
import type { Clock, Fate, Stage } from "./at-work.ts";
import { aProcess, inTurn, tickOfNth } from "./process.ts";
import { Sink, Witness } from "./witness.ts";

/** A restore takes minutes: every clock is past what was written before. */
const RESTORE_MS = 60_000;

let tenants = 0;
/** One walk: processes, and perhaps a restore, interleaved as drawn; answers what was seen. */
export async function walk(
  tables: Tables,
  scheduler: Scheduler,
  fates: readonly Fate[],
  restores: boolean,
): Promise<Witness> {
  const tenantId = `o${++tenants}`;
  await aTenantAtWork(tables, tenantId);
  await saveUnitConfig(tables, tenantId, aUnitConfig(), undefined, {
    actor: "anna",
    action: "config.create",
  });

  const sink = new Sink();
  const witness = new Witness(tables, tenantId, sink);
  const clock = { aheadMs: 0, restores: 0 };
  const open = new Set<string>();
  await witness.keep();

  const processes = fates.map((one, nth) =>
    aProcess({ tables, tenantId, sink, witness, scheduler, open, clock }, one, nth),
  );
  if (restores) processes.push(aRestore(scheduler, witness, clock));
  await scheduler.waitFor(Promise.all(processes));
  await recover({ tables, tenantId, sink, witness, scheduler, open, clock });
  return witness;
}

const QUIET_MS = 2 * START_DEADLINE_MS;

/**
 * Whatever was left behind: the reconciler passes on a queued run that still has its mark, and the
 * next tick lands.
 */
async function recover(stage: Stage): Promise<void> {
  const { tables, tenantId, scheduler, open, clock } = stage;
  const unit = [tenantId, ENDPOINT, UNIT] as const;
  const lives: Fate = { becomes: "lives", after: 0, skewMs: 0, startedBy: "tick" };
  clock.aheadMs += QUIET_MS;
  open.clear();

  const left = await findStoredUnitState(tables, ...unit);
  if (left && (await waitsForBridge(tables, left)) && left.lease.state === "QUEUED") {
    const { runId } = left.lease;
    await scheduler.waitFor(
      aProcess(stage, { ...lives, startedBy: "mark" }, Number(runId.replace("run_", ""))),
    );
  }

  await scheduler.waitFor(aProcess(stage, lives, 59));
  expect(await findStoredUnitState(tables, ...unit)).toMatchObject({
    lease: { state: "FREE" },
    lastStatus: "COMPLETE",
    settleRunId: null,
    lastRunId: scheduledRunId(tickOfNth(tenantId, 59)),
  });
}

/** Somewhere among the steps of the others: the tables are kept, and later put back. */
async function aRestore(scheduler: Scheduler, witness: Witness, clock: Clock): Promise<void> {
  await scheduler.schedule(Promise.resolve());
  await inTurn(scheduler, () => witness.keep());
  for (let wait = 0; wait < 6; wait++) await scheduler.schedule(Promise.resolve());
  await inTurn(scheduler, async () => {
    clock.aheadMs += RESTORE_MS;
    clock.restores++;
    await witness.restore();
  });
}
