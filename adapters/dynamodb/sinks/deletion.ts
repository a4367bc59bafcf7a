/**
 * How a person deletes a sink: mark it, look for what refers to it, and take it away only if
 * nothing does.
 */
import { writtenThrough } from "../../../core/common-data.ts";
import { type SinkUser, sinkInUse } from "../../../core/sink-use.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { UnitState } from "../../../schemas/unit-state.ts";
import type { Tables } from "../client.ts";
import { listAllEndpoints } from "../endpoints/store.ts";
import { keys } from "../keys.ts";
import { findStoredRun } from "../runs/store.ts";
import { absent, all, any, isBelow, matches } from "../table/condition.ts";
import { transact } from "../table/transact.ts";
import { atVersion, staleVersion } from "../table/version-guard.ts";
import { check, put, remove, set } from "../table/write.ts";
import { listRunningUnits, sinkReturned } from "../tenants/usage.ts";
import { listUnitConfigs } from "../units/config-store.ts";
import { findStoredUnitState, listUnitStates } from "../units/state-store.ts";
import { sinkNameReleased } from "./name.ts";
import { liftSinkMark, type SinkAddress } from "./references.ts";
import { sinkRoleWrite } from "./role.ts";
import { listAllSinks, sinkAudit, sinkCredentialWrites } from "./store.ts";

/**
 * Removes the version `seen` of a sink. Throws `CONFLICT` with the units and runs that use it, for
 * the tenant's default, or while another request deletes it; `STALE_VERSION` when another version
 * is stored. Its credentials are left to be removed.
 */
export async function deleteSinkUnlessUsed(
  tables: Tables,
  seen: Sink,
  { actor, now }: { readonly actor: string; readonly now: Date },
): Promise<void> {
  if (seen.isDefault) throw isDefaultSink();
  const since = now.toISOString();
  await markSink(tables, seen, since);

  const users = await usersOrRefusal(tables, seen).catch(async (error) => {
    await liftSinkMark(tables, seen, since);
    throw error;
  });
  if (users.length > 0) {
    await liftSinkMark(tables, seen, since);
    throw sinkInUse(users);
  }

  await removeMarked(tables, seen, since, actor, now);
}

/** Throws `CONFLICT` where other sinks are written through this one. */
async function usersOrRefusal(tables: Tables, seen: Sink): Promise<SinkUser[]> {
  const others = await listAllSinks(tables, seen.tenantId);
  const [first, ...more] = writtenThrough(others, seen.sinkId);
  if (first === undefined) return listSinkUsers(tables, seen);

  const named = more.length > 0 ? `${first.name} and ${more.length} more` : first.name;
  throw new DomainError(
    "CONFLICT",
    `The sink is what others are written through: ${named}. Delete them first.`,
  );
}

function isDefaultSink(): DomainError {
  const remedy = "Make another sink the default first: PATCH /sinks/{sinkId} with isDefault: true.";
  return new DomainError(
    "CONFLICT",
    `The sink is the tenant's default: units without a config land there. ${remedy}`,
  );
}

/** From here on nothing new refers to the sink. One that a deletion left behind is taken over. */
async function markSink(
  tables: Tables,
  { tenantId, sinkId, version }: Sink,
  since: string,
): Promise<void> {
  const longAgo = new Date(Date.parse(since) - 60_000).toISOString();
  const key = keys.sinkDeletion(tenantId, sinkId);
  const item = { ...key, entity: "sink-deletion", tenantId, sinkId, since };
  const free = any(absent(), all(isBelow("since", longAgo), absent("goneAt")));
  const busy = () =>
    new DomainError("CONFLICT", "Another request is deleting this sink. Check whether it is gone.");

  await transact(tables, [
    check(tables.control, keys.sink(tenantId, sinkId), atVersion({ version }), staleVersion),
    put(tables.control, item, free, busy),
  ]);
}

async function removeMarked(
  tables: Tables,
  seen: Sink,
  since: string,
  actor: string,
  now: Date,
): Promise<void> {
  const { tenantId, sinkId } = seen;
  const goneAt = now.toISOString();
  const mine = all(matches({ since }), absent("goneAt"));
  const sinkCount = (await listAllSinks(tables, tenantId)).length;

  await transact(tables, [
    remove(tables.control, keys.sink(tenantId, sinkId), atVersion(seen), staleVersion),
    set(tables.control, keys.sinkDeletion(tenantId, sinkId), { goneAt }, mine),
    ...(await sinkNameReleased(tables, seen)),
    sinkRoleWrite(tables, seen, null),
    sinkReturned(tables, tenantId, sinkCount),
    ...sinkCredentialWrites(tables, seen, undefined, now),
    sinkAudit(tables, "sink.delete", actor, goneAt, seen, undefined),
  ]);
}

/** A tenant has up to a thousand endpoints: one by one, they take longer than a request has. */
const LOOKED_AT_ONCE = 20;

type UnitOfTenant = Pick<UnitState, "endpointId" | "unitId">;

/** Units whose config names the sink, and runs that land there now; read consistently. */
async function listSinkUsers(
  tables: Tables,
  { tenantId, sinkId }: SinkAddress,
): Promise<SinkUser[]> {
  const items = await listAllEndpoints(tables, tenantId);
  const users: SinkUser[] = [];
  const leased: UnitOfTenant[] = await listRunningUnits(tables, tenantId);

  const look = async ({ endpointId, name }: Endpoint) => {
    const configs = await listUnitConfigs(tables, tenantId, endpointId);
    // One that rests between the readings of its window does not count as running.
    const states = await listUnitStates(tables, tenantId, endpointId);
    leased.push(...states.filter(({ lease }) => lease.state !== "FREE"));
    const named = configs.filter((config) => config.sinkId === sinkId);
    return named.map(({ unitId }) => ({ endpointId, endpointName: name, unitId, runId: null }));
  };

  for (let at = 0; at < items.length; at += LOOKED_AT_ONCE) {
    users.push(...(await Promise.all(items.slice(at, at + LOOKED_AT_ONCE).map(look))).flat());
  }

  const names = new Map(items.map(({ endpointId, name }) => [endpointId, name]));
  for (const run of await runsAtWork(tables, { tenantId, sinkId }, leased)) {
    users.push({ ...run, endpointName: names.get(run.endpointId) ?? run.endpointId });
  }
  return users;
}

async function runsAtWork(
  tables: Tables,
  { tenantId, sinkId }: SinkAddress,
  leased: readonly UnitOfTenant[],
) {
  const units = new Map(leased.map((unit) => [`${unit.endpointId}/${unit.unitId}`, unit]));
  const found = [...units.values()].map(async ({ endpointId, unitId }) => {
    const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
    const runId = state && state.lease.state !== "FREE" ? state.lease.runId : null;
    const run = runId === null ? undefined : await findStoredRun(tables, tenantId, runId);
    return run?.sinkId === sinkId ? [{ endpointId, unitId, runId }] : [];
  });
  return (await Promise.all(found)).flat();
}
