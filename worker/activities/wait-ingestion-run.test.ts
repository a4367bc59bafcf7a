import { describe, expect, it } from "vitest";
import { getStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { readUsage } from "../../adapters/dynamodb/tenants/usage.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { scheduledRunId } from "../../adapters/temporal/workflow-ids.ts";
import type { RunPlan } from "../../schemas/run-plan.ts";
import { aUnitConfig, ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { publishVersion } from "../../tests/stage/checkpoints.ts";
import { aTenant, aTick, TICK, tables, withWorkflows } from "../../tests/stage/starting-run.ts";
import { startIngestionRun } from "./start-ingestion-run.ts";
import { waitIngestionRun } from "./wait-ingestion-run.ts";

const MINUTE_MS = 60_000;
const waiting = { reason: "The next reading is awaited.", until: "2999-01-01T00:00:00.000Z" };
const policy = { mergeEveryMinutes: 15 };

/** The plan of a scheduled run whose unit has landed before. */
async function aPlan(tenantId: string, changes: object = { policy }): Promise<RunPlan> {
  await aTenant(tenantId, { config: changes });
  await publishVersion(tables, { tenantId, endpointId: ENDPOINT, unitId: UNIT }, 1);
  return planOf(tenantId);
}

async function planOf(tenantId: string): Promise<RunPlan> {
  const start = await startIngestionRun(withWorkflows(), aTick(tenantId), TICK);
  if (start.outcome !== "RUN") throw new Error(`The run does not start: ${start.outcome}.`);
  return start.plan;
}

describe("a window", () => {
  it("is planned for a unit that has landed, and stays what it was", async () => {
    const plan = await aPlan("w1");
    const { startedAt, window } = await getStoredRun(tables, "w1", scheduledRunId(TICK));
    const landsAt = new Date(Date.parse(startedAt ?? "") + 10 * MINUTE_MS);
    expect(Math.abs(Date.parse(plan.window?.landsAt ?? "") - landsAt.getTime())).toBeLessThan(
      MINUTE_MS,
    );
    expect(plan.window).toEqual(window);
    expect((await planOf("w1")).window).toEqual(window);
  });

  it.each([
    ["lands as often as it is read", "w2", {}],
    ["is read from nothing", "w3", { policy }],
  ])("is none for a unit that %s", async (_, tenantId, config) => {
    await aTenant(tenantId, { config });
    expect((await planOf(tenantId)).window).toBeUndefined();
  });
});

describe("waitIngestionRun", () => {
  it("lets the unit rest, and has it count as running again after", async () => {
    const plan = await aPlan("w4");
    const running = async () => (await readUsage(tables, "w4", new Date())).runningUnits;
    expect(await waitIngestionRun({ tables }, { plan, waiting, rests: true })).toBeNull();
    expect(await getStoredRun(tables, "w4", plan.runId)).toMatchObject({
      status: "WAITING",
      waiting,
      rests: true,
    });
    expect(await running()).toBe(0);

    expect(await waitIngestionRun({ tables }, { plan, waiting: null, rests: false })).toBeNull();
    expect(await getStoredRun(tables, "w4", plan.runId)).toMatchObject({
      status: "RUNNING",
      rests: false,
    });
    expect(await running()).toBe(1);
  });

  it("says that what is staged is to land, once the unit was changed or is held", async () => {
    const plan = await aPlan("w5");
    const seen = aUnitConfig({ policy });
    const by = { actor: "anna", action: "unit.configure" };
    const updatedAt = new Date(Date.now() + MINUTE_MS).toISOString();
    const edited = { ...seen, policy: { mergeEveryMinutes: 30 }, version: 2, updatedAt };
    await saveUnitConfig(tables, "w5", edited, seen, by);
    expect(await waitIngestionRun({ tables }, { plan, waiting, rests: true })).toBe("LAND");
    const paused = { ...edited, paused: true, version: 3, updatedAt: seen.updatedAt };
    await saveUnitConfig(tables, "w5", paused, edited, by);
    expect(await waitIngestionRun({ tables }, { plan, waiting: null, rests: false })).toBe("LAND");
  });

  it("answers nothing of any other wait", async () => {
    const plan = await aPlan("w6", {});
    expect(await waitIngestionRun({ tables }, { plan, waiting })).toBeNull();
  });
});
