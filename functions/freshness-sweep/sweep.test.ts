import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { keys, SCHEDULED_PK } from "../../adapters/dynamodb/keys.ts";
import { completeRun } from "../../adapters/dynamodb/runs/end.ts";
import { walk } from "../../adapters/dynamodb/table/walk.ts";
import { saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { unitConfigItem } from "../../adapters/dynamodb/units/items.ts";
import { unitStateItem, unknownUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import type { DomainEvent } from "../../schemas/event.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import { aRegistered, aUnitConfig, ENDPOINT, UNIT } from "../../tests/histories/nouns.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { aRunningPlan, slice } from "../../tests/stage/played-unit.ts";
import { sweep } from "./sweep.ts";

const RULE = { intervals: 2, marginMinutes: 15 };
const T = "acme";
const at = (time: string) => `2026-11-30T${time}:00.000Z`;

let tables: Tables;
beforeEach(async () => {
  tables = await testTables();
});

/** A unit of a schedule that was applied at eight, every hour, with its last good run. */
async function aUnit(
  lastGoodAt: string | null,
  changes: Partial<UnitConfig> = {},
  tenantId = T,
): Promise<void> {
  const config = aUnitConfig({ scheduleIntervalMinutes: 60, scheduleState: "APPLIED", ...changes });
  const { unitId } = config;
  const Item = {
    ...unitConfigItem(tenantId, config, new Date(at("08:00"))),
    pendingPk: SCHEDULED_PK,
  };
  await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
  if (lastGoodAt !== null) await read(lastGoodAt, unitId, tenantId);
}

/** As a run that ended well leaves it. */
async function read(lastGoodAt: string, unitId = UNIT, tenantId = T): Promise<void> {
  const Item = unitStateItem({ ...unknownUnitState(tenantId, ENDPOINT, unitId), lastGoodAt });
  await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
}

async function change(values: Record<string, unknown>): Promise<void> {
  const names = Object.keys(values);
  const ExpressionAttributeValues = Object.fromEntries(
    names.map((name) => [`:${name}`, values[name]]),
  );
  const UpdateExpression = `SET ${names.map((name) => `${name} = :${name}`).join(", ")}`;
  const Key = keys.unitConfig(T, ENDPOINT, UNIT);
  await tables.client.send(
    new UpdateCommand({
      TableName: tables.control,
      Key,
      UpdateExpression,
      ExpressionAttributeValues,
    }),
  );
}

const sweepAt = (time: string) => {
  const told: string[] = [];
  const tell = (what: string) => void told.push(what);
  return sweep({ tables, rule: RULE, now: () => new Date(at(time)), tell }).then((swept) => ({
    ...swept,
    told,
  }));
};

/** Events of the day about the unit, in order. */
async function events(): Promise<Pick<DomainEvent, "type" | "data">[]> {
  const found: Pick<DomainEvent, "type" | "data">[] = [];
  for await (const item of walk(tables, {
    table: tables.events,
    pk: keys.event(T, "2026-11-30", "").pk,
  })) {
    found.push({ type: item.type, data: item.data } as never);
  }
  return found;
}
const unit = { endpointId: ENDPOINT, unitId: UNIT };

describe("a unit that is read every hour", () => {
  it("is reported once when it is late, and once when it was read again", async () => {
    await aUnit(at("09:00"));
    expect(await sweepAt("11:15")).toEqual({
      expected: 1,
      late: 0,
      mostOverdueMinutes: 0,
      told: [],
    });
    expect(await sweepAt("11:20")).toEqual({
      expected: 1,
      late: 1,
      mostOverdueMinutes: 5,
      told: ["unit late"],
    });
    expect(await sweepAt("11:45")).toEqual({
      expected: 1,
      late: 1,
      mostOverdueMinutes: 30,
      told: [],
    });
    const late = {
      type: "integration.unit.late",
      data: { ...unit, dueAt: at("11:15"), lastGoodAt: at("09:00") },
    };
    expect(await events()).toEqual([late]);

    await read(at("11:50"));
    expect(await sweepAt("12:00")).toEqual({
      expected: 1,
      late: 0,
      mostOverdueMinutes: 0,
      told: ["unit recovered"],
    });
    expect(await sweepAt("12:05")).toMatchObject({ told: [] });
    const recovered = { dueAt: at("11:15"), lastGoodAt: at("11:50") };
    expect(await events()).toEqual([
      late,
      { type: "integration.unit.recovered", data: { ...unit, ...recovered } },
    ]);
    expect(await sweepAt("14:10")).toMatchObject({ late: 1, told: ["unit late"] });
  });

  it("is late when it never ran, and not made fresh by a change of its config", async () => {
    await aUnit(null);
    expect(await sweepAt("10:15")).toMatchObject({ late: 0 });
    expect(await sweepAt("10:20")).toMatchObject({ late: 1, told: ["unit late"] });
    await change({ pendingPk: "PENDING", pendingAt: at("10:25") });
    expect(await sweepAt("10:26")).toMatchObject({ expected: 0, told: [] });
    await change({ pendingPk: SCHEDULED_PK });
    expect(await sweepAt("10:30")).toMatchObject({ late: 1, mostOverdueMinutes: 15, told: [] });
    expect(await events()).toHaveLength(1);
  });

  it("and merged every six hours is late by the time between its merges", async () => {
    await aUnit(at("06:00"), { policy: { mergeEveryMinutes: 360 } });
    expect(await sweepAt("20:15")).toMatchObject({ expected: 1, late: 0 });
    expect(await sweepAt("20:20")).toMatchObject({ late: 1, told: ["unit late"] });
  });

  it.each([
    ["paused", { paused: true }],
    ["disabled", { enabled: false }],
    ["held with its endpoint", { scheduleState: "PAUSED" }],
    ["read by hand", { scheduleKind: "MANUAL", scheduleIntervalMinutes: null }],
  ])("is not expected while it is %s, and no longer late", async (_, changes) => {
    await aUnit(at("08:00"));
    expect(await sweepAt("12:00")).toMatchObject({ expected: 1, late: 1 });
    await change(changes);
    expect(await sweepAt("12:05")).toEqual({
      expected: 0,
      late: 0,
      mostOverdueMinutes: 0,
      told: [],
    });
    expect((await events()).map(({ type }) => type)).toEqual(["integration.unit.late"]);
  });

  it("is not expected of a suspended tenant", async () => {
    await aUnit(at("08:00"));
    await saveTenant(tables, aRegistered(T, { status: "SUSPENDED" }), undefined, "platform");
    expect(await sweepAt("12:00")).toMatchObject({ expected: 0, late: 0 });
  });
});

it("of many tenants' units, late ones are counted and the most overdue gives the age", async () => {
  for (let n = 0; n < 130; n++)
    await aUnit(at(n % 10 === 0 ? "08:30" : "11:00"), { unitId: `jira.unit_${n}` }, `t${n % 7}`);
  await aUnit(at("05:00"), { unitId: "jira.oldest", scheduleIntervalMinutes: 15 }, "t9");
  const { told, ...swept } = await sweepAt("12:00");
  expect(swept).toEqual({ expected: 131, late: 14, mostOverdueMinutes: 195 });
  expect(told).toHaveLength(14);
  expect(await sweepAt("12:05")).toMatchObject({ late: 14, told: [] });
});

it("a unit is fresh by a run that ended well, not by one that landed old rows again", async () => {
  await aUnit(null);
  const ending = async (runId: string, time: string, marks: { replayOf?: string } = {}) => {
    const plan = await aRunningPlan(tables, T, runId);
    for (const [name, value] of Object.entries(marks)) {
      const Key = keys.run(T, runId);
      const set = {
        UpdateExpression: `SET ${name} = :value`,
        ExpressionAttributeValues: { ":value": value },
      };
      await tables.client.send(new UpdateCommand({ TableName: tables.control, Key, ...set }));
    }
    const committed = slice(plan, 0);
    await completeRun(
      tables,
      { plan, committed, stats: committed.stats, evidence: [] },
      new Date(at(time)),
    );
  };
  await ending("run_1", "09:00", { replayOf: "run_0" });

  expect(await sweepAt("10:20")).toMatchObject({ late: 1 });
  await ending("run_2", "10:30");
  expect(await sweepAt("10:35")).toMatchObject({ late: 0, told: ["unit recovered"] });
});

it("a state of before its last good run was kept says it of its last run", async () => {
  await aUnit(null);
  const { lastGoodAt: _, ...before } = unitStateItem(unknownUnitState(T, ENDPOINT, UNIT));
  const Item = { ...before, lastStatus: "COMPLETE", finishedAt: at("11:00") };
  await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
  expect(await sweepAt("12:00")).toMatchObject({ expected: 1, late: 0 });
  await aRunningPlan(tables, T, "run_1");
  expect(await sweepAt("12:00")).toMatchObject({ expected: 1, late: 0 });
});
