import { BatchGetCommand, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { UnitState } from "../../../schemas/unit-state.ts";
import type { Tables } from "../client.ts";
import { endpointChildrenPk, INDEX, keys, statesByTenant, unitPlace } from "../keys.ts";
import { leasedMark, StoredUnitState, toUnitState } from "../runs/items.ts";
import { itemsOf } from "../table/partition.ts";
import type { ConditionalWrite } from "../table/transact.ts";
import { runningWrite } from "../tenants/usage.ts";

/** State of a unit, read consistently; undefined when it never ran. */
export async function findUnitState(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
): Promise<UnitState | undefined> {
  const stored = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  return stored && toUnitState(stored);
}

/** The state with what only the lifecycle needs. */
export async function findStoredUnitState(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
): Promise<StoredUnitState | undefined> {
  const Key = keys.unitState(tenantId, endpointId, unitId);
  const { Item } = await tables.client.send(
    new GetCommand({ TableName: tables.control, Key, ConsistentRead: true }),
  );
  return Item && StoredUnitState.parse(Item);
}

/** States of an endpoint's units that ever ran, by unit id. */
export async function listUnitStates(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<UnitState[]> {
  const states: UnitState[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.send(
      new QueryCommand({
        TableName: tables.control,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues: {
          ":pk": endpointChildrenPk(tenantId, endpointId),
          ":sk": "STATE#",
        },
        ConsistentRead: true,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    states.push(...(page.Items ?? []).map(toUnitState));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return states;
}

/**
 * States of all of a tenant's units that ever ran; one that was written this moment may be as it
 * was.
 */
export async function listTenantStates(tables: Tables, tenantId: string): Promise<UnitState[]> {
  const states: UnitState[] = [];
  const partition = { table: tables.control, pk: statesByTenant(tenantId), index: INDEX.byTime };
  for await (const item of itemsOf(tables, partition)) states.push(toUnitState(item));
  return states;
}

export interface UnitAddress {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly unitId: string;
}

/** For each of at most 100 units, when its last good run ended; null for a unit that had none. */
export async function findLastGoodRuns(
  tables: Tables,
  units: readonly UnitAddress[],
): Promise<(string | null)[]> {
  const placeOf = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`;
  const wanted = units.map((unit) => ({
    ...keys.unitState(unit.tenantId, unit.endpointId, unit.unitId),
  }));
  const found = new Map<string, string | null>();
  let Keys: Record<string, unknown>[] = wanted;
  while (Keys.length > 0) {
    const request = new BatchGetCommand({ RequestItems: { [tables.control]: { Keys } } });
    const { Responses, UnprocessedKeys } = await tables.client.send(request);
    for (const item of Responses?.[tables.control] ?? [])
      found.set(placeOf(item), StoredUnitState.parse(item).lastGoodAt);
    Keys = UnprocessedKeys?.[tables.control]?.Keys ?? [];
  }
  return wanted.map((key) => found.get(placeOf(key)) ?? null);
}

/** What is assumed of a unit that never ran. */
export function unknownUnitState(
  tenantId: string,
  endpointId: string,
  unitId: string,
): StoredUnitState {
  return {
    tenantId,
    endpointId,
    unitId,
    lease: { state: "FREE" },
    epoch: 0,
    lastRunId: null,
    lastStatus: null,
    startedAt: null,
    finishedAt: null,
    stats: null,
    error: null,
    settleRunId: null,
    fullRead: null,
    lastGoodAt: null,
    pendingAt: null,
  };
}

/** How often the reconciler asks after the workflow that holds a lease. */
const HELD_LOOK_MS = 5 * 60_000;

/**
 * Replaces the state `seen` by `next`. Every step changes the epoch or the lease's state, so that
 * these two together tell whether somebody stepped in between. A lease that is taken or freed
 * counts for its tenant: with a `runningLimit`, taking one too many fails with `QUOTA_EXCEEDED`.
 */
export function unitStateWrites(
  tables: Tables,
  next: StoredUnitState,
  seen: StoredUnitState | undefined,
  otherwise: () => Error,
  runningLimit?: number,
): ConditionalWrite[] {
  const [was, is] = [seen ? seen.lease.state : "FREE", next.lease.state].map(
    (state) => state !== "FREE",
  );
  const counted =
    was === is ? [] : [runningWrite(tables, next, is ? "taken" : "freed", runningLimit)];
  return [unitStateWrite(tables, next, seen, otherwise), ...counted];
}

function unitStateWrite(
  tables: Tables,
  next: StoredUnitState,
  seen: StoredUnitState | undefined,
  otherwise: () => Error,
): ConditionalWrite {
  const Item = { ...unitStateItem(next), ...lookMark(next) };
  if (!seen) {
    return {
      write: {
        Put: { TableName: tables.control, Item, ConditionExpression: "attribute_not_exists(pk)" },
      },
      otherwise,
    };
  }
  return {
    write: {
      Put: {
        TableName: tables.control,
        Item,
        ConditionExpression: "epoch = :epoch AND #lease.#state = :state",
        ExpressionAttributeNames: { "#lease": "lease", "#state": "state" },
        ExpressionAttributeValues: { ":epoch": seen.epoch, ":state": seen.lease.state },
      },
    },
    otherwise,
  };
}

export function unitStateItem({
  pendingAt: _,
  ...state
}: StoredUnitState): Record<string, unknown> {
  const { tenantId, endpointId, unitId } = state;
  const place = { gsi1pk: statesByTenant(tenantId), gsi1sk: unitPlace(endpointId, unitId) };
  return {
    ...keys.unitState(tenantId, endpointId, unitId),
    entity: "unit-state",
    ...state,
    ...place,
  };
}

function lookMark({ lease, epoch }: StoredUnitState): Record<string, unknown> {
  if (lease.state === "FREE") return {};
  return leasedMark(
    lease.state === "QUEUED" ? new Date(lease.startDeadline) : new Date(epoch + HELD_LOOK_MS),
  );
}
