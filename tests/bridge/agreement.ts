/**
 * What must hold once the reconciler has come by: configs and schedules agree, and every posted run
 * was started once.
 */
import { setTimeout as pause } from "node:timers/promises";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Client } from "@temporalio/client";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { INDEX, PENDING_PK } from "../../adapters/dynamodb/keys.ts";
import { getRun, isActive } from "../../adapters/dynamodb/runs/store.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { findUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { listSchedules } from "../../adapters/temporal/schedules.ts";
import { scheduleIdOf, workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { planCollections, planSchedule, type SchedulePlan } from "../../core/schedule-plan.ts";
import { ENDPOINT } from "../histories/nouns.ts";
import { UNITS, type World } from "./world.ts";

/** Of a schedule, what a plan says of it. */
type Shape = Pick<SchedulePlan, "everyMs" | "jitterMs" | "catchupWindowMs" | "paused"> | null;

/** What the tables want and what is there, side by side. */
export async function compare(
  world: World,
  temporal: Client,
): Promise<{ wanted: unknown; found: unknown }> {
  const { tables, tenantId } = world;
  const endpoint = await getEndpoint(tables, tenantId, ENDPOINT);
  const tenant = await findTenant(tables, tenantId);

  const wanted: Record<string, unknown> = {
    marks: 0,
    collections: shapeOfPlan(planCollections(endpoint, tenant)),
  };
  const found: Record<string, unknown> = {
    marks: await marksOf(world),
    collections: await shapeOf(world, temporal, null),
  };

  for (const unitId of UNITS) {
    const config = await findUnitConfig(tables, tenantId, ENDPOINT, unitId);
    const plan = config ? planSchedule(config, endpoint, tenant) : null;
    wanted[unitId] = { plan: shapeOfPlan(plan), state: config && stateOf(plan) };
    found[unitId] = { plan: await shapeOf(world, temporal, unitId), state: config?.scheduleState };
  }
  for (const runId of world.posted) {
    wanted[runId] = { isActive: true, executions: 1 };
    const { status } = await getRun(tables, tenantId, runId);
    found[runId] = {
      isActive: isActive(status),
      executions: await executionsOf(temporal, workflowId.run(tenantId, runId)),
    };
  }
  return { wanted, found };
}

/**
 * When each schedule was made and which execution each run has: what a second delivery must not
 * change.
 */
export async function fingerprint({ tenantId, posted }: World, temporal: Client): Promise<unknown> {
  const schedules = [...UNITS, null].map(async (unitId) => {
    const id = scheduleIdOf({ tenantId, endpointId: ENDPOINT, unitId });
    const handle = temporal.schedule.getHandle(id);
    return [
      id,
      await handle.describe().then(
        ({ info, state }) => [info.createdAt, state.paused],
        () => null,
      ),
    ];
  });

  const runs = posted.map(async (runId) => {
    const { runId: execution, status } = await temporal.workflow
      .getHandle(workflowId.run(tenantId, runId))
      .describe();
    return [runId, execution, status.name];
  });

  return Promise.all([...schedules, ...runs]);
}

/**
 * Temporal's list lags behind what it was told, by less than the minute that a reconciler leaves
 * it.
 */
export async function untilListedAsMade({ tenantId }: World, temporal: Client): Promise<void> {
  const ids = [...UNITS, null].map((unitId) =>
    scheduleIdOf({ tenantId, endpointId: ENDPOINT, unitId }),
  );
  for (;;) {
    const listed = new Map<string, string>();
    for await (const { scheduleId, paused, note } of listSchedules(temporal)) {
      listed.set(scheduleId, JSON.stringify([paused, note]));
    }
    const made = await Promise.all(ids.map((id) => noteOf(temporal, id)));
    if (ids.every((id, at) => listed.get(id) === made[at])) return;
    await pause(20);
  }
}

function noteOf(temporal: Client, id: string): Promise<string | undefined> {
  const described = temporal.schedule.getHandle(id).describe();
  return described.then(
    ({ state }) => JSON.stringify([state.paused, state.note]),
    () => undefined,
  );
}

async function shapeOf(
  { tenantId }: World,
  temporal: Client,
  unitId: string | null,
): Promise<Shape> {
  const handle = temporal.schedule.getHandle(
    scheduleIdOf({ tenantId, endpointId: ENDPOINT, unitId }),
  );
  const found = await handle.describe().catch(() => null);
  if (!found) return null;

  return {
    everyMs: found.spec.intervals?.[0]?.every ?? 0,
    jitterMs: found.spec.jitter ?? 0,
    catchupWindowMs: found.policies.catchupWindow,
    paused: found.state.paused,
  };
}

function shapeOfPlan(plan: SchedulePlan | null): Shape {
  if (!plan) return null;
  const { askedBy: _, ...shape } = plan;
  return shape;
}

function stateOf(plan: SchedulePlan | null): "NONE" | "PAUSED" | "APPLIED" {
  if (!plan) return "NONE";
  return plan.paused ? "PAUSED" : "APPLIED";
}

async function marksOf({ tables }: World): Promise<number> {
  const { Count } = await tables.client.send(
    new QueryCommand({
      TableName: tables.control,
      IndexName: INDEX.pending,
      KeyConditionExpression: "pendingPk = :pk",
      ExpressionAttributeValues: { ":pk": PENDING_PK },
      Select: "COUNT",
    }),
  );
  return Count ?? 0;
}

/**
 * However often an id was started. The list lags: it is asked until it shows the one that there is.
 */
async function executionsOf(temporal: Client, id: string): Promise<number> {
  const isThere = await temporal.workflow
    .getHandle(id)
    .describe()
    .then(
      () => true,
      () => false,
    );

  for (;;) {
    let count = 0;
    for await (const _ of temporal.workflow.list({ query: `WorkflowId = "${id}"` })) count++;
    if (count > 0 || !isThere) return count;
    await pause(20);
  }
}
