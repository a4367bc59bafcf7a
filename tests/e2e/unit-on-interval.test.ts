import { describe, expect, it } from "vitest";
import { scheduleId } from "../../adapters/temporal/workflow-ids.ts";
import type { UnitPath } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { ListEndpoints } from "../../schemas/operations/endpoints.ts";
import { ListRuns } from "../../schemas/operations/runs.ts";
import {
  GetUnitConfig,
  GetUnitStatus,
  PauseUnit,
  PutUnitConfig,
  ResumeUnit,
} from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { admin } from "../stage/stack/people.ts";
import { listedSchedule } from "../stage/stack/schedules.ts";
import { TICKING } from "../stage/stack/ticking-unit.ts";
import { until } from "../stage/stack/until.ts";

/**
 * Two ticks a minute apart, each up to half a minute late by design, and a run on a busy machine.
 */
const TWO_TICKS_SECONDS = 240;

describe("a unit on INTERVAL", () => {
  it("runs twice with nobody asking", { timeout: TWO_TICKS_SECONDS * 1000 }, async () => {
    const { endpointId } = await ticking();
    const runs = await until("two scheduled runs", TWO_TICKS_SECONDS - 10, async () => {
      const done = (await scheduledRuns(endpointId)).filter(
        ({ finishedAt }) => finishedAt !== null,
      );
      return done.length >= 2 && done;
    });
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => "COMPLETE"));
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(runs.length);
  });

  it("is scheduled while it may, held by a pause, and not at all once MANUAL", async () => {
    const { endpointId } = await ticking();
    const path = { endpointId, unitId: TICKING.unitId };
    expect(await scheduled(endpointId)).toEqual({ paused: false });
    expect(await admin().call(GetUnitStatus, { path })).toMatchObject({
      nextRunAt: expect.any(String),
    });

    await admin().call(PauseUnit, { path });
    await until(
      "the schedule to pause",
      60,
      async () => (await scheduled(endpointId))?.paused === true,
    );
    await until(
      "the config to say so",
      60,
      async () => (await config(path)).scheduleState === "PAUSED",
    );
    await admin().call(ResumeUnit, { path });
    await until(
      "the schedule to go on",
      60,
      async () => (await scheduled(endpointId))?.paused === false,
    );

    const { version } = await config(path);
    const manual = { scheduleKind: "MANUAL" } as const;
    await admin().call(PutUnitConfig, { path, body: manual, ifMatch: String(version) });
    await until("the schedule to be gone", 60, async () => (await scheduled(endpointId)) === null);
    await until(
      "the config to say so",
      60,
      async () => (await config(path)).scheduleState === "NONE",
    );
    expect(await config(path)).toMatchObject({
      scheduleKind: "MANUAL",
      scheduleIntervalMinutes: null,
    });
    expect(await admin().call(GetUnitStatus, { path })).toMatchObject({ nextRunAt: null });
  });

  async function ticking(): Promise<Endpoint> {
    const { items } = await admin().call(ListEndpoints, { query: { search: TICKING.name } });
    expect(items).toHaveLength(1);
    return items[0] as Endpoint;
  }

  /** Other files may start the unit by hand, too: those runs were asked for. */
  async function scheduledRuns(endpointId: string): Promise<Run[]> {
    const { items } = await admin().call(ListRuns, { query: { endpointId, limit: 100 } });
    return items.filter(({ trigger }) => trigger === "SCHEDULE");
  }

  function config(path: UnitPath): Promise<UnitConfig> {
    return admin().call(GetUnitConfig, { path });
  }
});

/** The unit's schedule as Temporal itself lists it; null when there is none. */
const scheduled = (endpointId: string) =>
  listedSchedule(scheduleId("demo", endpointId, TICKING.unitId));
