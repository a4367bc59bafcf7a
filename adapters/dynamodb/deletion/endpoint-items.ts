/**
 * What hangs on an endpoint in `control`, removed part by part. Every step can be repeated: what is
 * gone is not found again. To be called when no run of the endpoint is at work and no request that
 * found it is under way.
 */
import type { Item, Tables } from "../client.ts";
import { auditWrite } from "../journal/entries.ts";
import {
  endpointChildrenPk,
  INDEX,
  type Key,
  keys,
  probesByOwner,
  runPk,
  runsByTime,
  runsByUnit,
} from "../keys.ts";
import { listArtifacts } from "../runs/artifacts.ts";
import { exists } from "../table/condition.ts";
import { deleteItems } from "../table/delete-items.ts";
import { transact } from "../table/transact.ts";
import { type Partition, walk } from "../table/walk.ts";
import { remove, write } from "../table/write.ts";
import { listRunningUnits, runningFreed, usageReturned } from "../tenants/usage.ts";
import { toUnitConfig, toUnitState } from "../units/items.ts";
import type { EndpointAddress } from "./endpoint-deletion.ts";

const AT_ONCE = 25;
/** Items of the endpoint itself, whose keys have ids of other things behind their kind. */
const OF_NO_UNIT = ["CALL", "COLLECTION", "PART"];

/** Every unit that the endpoint has or had: whatever is kept of one is keyed by it. */
export async function listKnownUnits(
  tables: Tables,
  { tenantId, endpointId }: EndpointAddress,
): Promise<string[]> {
  const units = new Set<string>();
  const pk = endpointChildrenPk(tenantId, endpointId);
  for await (const { sk } of walk(tables, { pk, attributes: ["pk", "sk"] })) {
    const [kind = "", unitId] = String(sk).split("#");
    if (unitId !== undefined && !OF_NO_UNIT.includes(kind)) units.add(unitId);
  }
  return [...units].sort();
}

/**
 * Whatever of the endpoint may have an open workflow, by the ids that the workflows are called by.
 */
export interface OpenWork {
  /** Ids of the workflows themselves. */
  readonly owners: string[];
  readonly runs: string[];
  readonly collections: string[];
  readonly probes: string[];
  readonly calls: string[];
}

export async function listOpenWork(
  tables: Tables,
  { tenantId, endpointId }: EndpointAddress,
): Promise<OpenWork> {
  const work: OpenWork = { owners: [], runs: [], collections: [], probes: [], calls: [] };
  const pk = endpointChildrenPk(tenantId, endpointId);
  for await (const item of walk(tables, { pk })) {
    if (item.entity === "collection" && item.finishedAt === null) {
      // One that the clock started bears the id of its tick.
      if (typeof item.workflowId === "string") work.owners.push(item.workflowId);
      else work.collections.push(String(item.collectionId));
    }
    if (item.entity === "call" && item.finishedAt === null) work.calls.push(String(item.callId));
    if (item.entity !== "unit-state") continue;
    const { lease } = toUnitState(item);
    if (lease.state === "HELD") work.owners.push(lease.workflowId);
    if (lease.state === "QUEUED") work.runs.push(lease.runId);
  }

  const probes = walk(tables, indexOfProbes(tenantId, endpointId));
  for await (const { probeId, finishedAt } of probes)
    if (finishedAt === null) work.probes.push(String(probeId));

  return work;
}

export async function listCollections(
  tables: Tables,
  { tenantId, endpointId }: EndpointAddress,
): Promise<string[]> {
  const { pk, sk: prefix } = keys.collection(tenantId, endpointId, "");
  const ids: string[] = [];
  for await (const { sk } of walk(tables, { pk, prefix, attributes: ["pk", "sk"] }))
    ids.push(String(sk).slice(prefix.length));
  return ids;
}

/**
 * Some runs of each unit of the endpoint, with all that is kept of them; answers how many, 0 once
 * none is left.
 */
export async function removeSomeRuns(tables: Tables, of: EndpointAddress): Promise<number> {
  let removed = 0;
  for (const unitId of await listKnownUnits(tables, of)) {
    const pk = runsByUnit(of.tenantId, of.endpointId, unitId);
    removed += await removeIndexedRuns(tables, of.tenantId, { index: INDEX.byUnit, pk });
  }
  return removed;
}

/** Some runs of a tenant, whatever endpoint they were of; answers how many, 0 once none is left. */
export function removeSomeTenantRuns(tables: Tables, tenantId: string): Promise<number> {
  return removeIndexedRuns(tables, tenantId, { index: INDEX.byTime, pk: runsByTime(tenantId) });
}

async function removeIndexedRuns(
  tables: Tables,
  tenantId: string,
  partition: Partition,
): Promise<number> {
  const runs = await firstOf(tables, partition);
  await Promise.all(runs.map(({ runId }) => removeRun(tables, tenantId, String(runId))));
  return runs.length;
}

/** A run, its artifacts, and whatever else lies in its partition. */
async function removeRun(tables: Tables, tenantId: string, runId: string): Promise<void> {
  const artifacts = await listArtifacts(tables, tenantId, runId);
  const found: Partial<Key>[] = artifacts.map(({ artifactId }) =>
    keys.artifact(tenantId, artifactId),
  );
  const rest = walk(tables, { pk: runPk(tenantId, runId), attributes: ["pk", "sk"] });
  for await (const item of rest) found.push(item);
  await deleteItems(tables, tables.control, found);
}

/**
 * Some probes of an endpoint or a sink; answers their ids, under which previews lie in the staging
 * bucket; none once none is left.
 */
export async function removeSomeProbes(
  tables: Tables,
  tenantId: string,
  ownerId: string,
): Promise<string[]> {
  const probes = await firstOf(tables, indexOfProbes(tenantId, ownerId));
  const ids = probes.map(({ probeId }) => String(probeId));
  await deleteItems(
    tables,
    tables.control,
    ids.map((id) => keys.probe(tenantId, id)),
  );
  return ids;
}

/**
 * Catalogue, configs, states, checkpoints, collections, calls and how methods are called. A config
 * gives its place in the quota back and leaves an audit entry under whoever asked for the deletion.
 */
export async function removeChildren(
  tables: Tables,
  of: EndpointAddress,
  actor: string,
  now: Date,
): Promise<void> {
  const pk = endpointChildrenPk(of.tenantId, of.endpointId);
  let others: Item[] = [];
  for await (const item of walk(tables, { pk })) {
    if (item.entity === "unit-config") await removeConfig(tables, item, actor, now);
    else others.push(item);
    if (others.length === AT_ONCE) {
      await deleteItems(tables, tables.control, others);
      others = [];
    }
  }

  await deleteItems(tables, tables.control, others);
  await freeRunning(tables, of);
}

async function removeConfig(tables: Tables, item: Item, actor: string, now: Date): Promise<void> {
  const tenantId = String(item.tenantId);
  const before = toUnitConfig(item);
  const key = keys.unitConfig(tenantId, before.endpointId, before.unitId);
  const subject = `unit/${before.endpointId}/${before.unitId}`;
  const entry = {
    tenantId,
    at: now.toISOString(),
    actor,
    action: "config.delete",
    subject,
    before,
    after: null,
  };
  const gone = () => new Error("The config went meanwhile. Try again.");

  await transact(tables, [
    remove(tables.control, key, exists(), gone),
    usageReturned(tables, tenantId, "units"),
    auditWrite(tables, entry),
  ]);
}

/** Units that were at work when the endpoint went count against the tenant's quota no longer. */
async function freeRunning(
  tables: Tables,
  { tenantId, endpointId }: EndpointAddress,
): Promise<void> {
  const running = await listRunningUnits(tables, tenantId);
  const mine = running.filter((unit) => unit.endpointId === endpointId);
  if (mine.length > 0) await write(tables, runningFreed(tables, tenantId, mine));
}

const indexOfProbes = (tenantId: string, ownerId: string) => ({
  index: INDEX.byTime,
  pk: probesByOwner(tenantId, ownerId),
});

async function firstOf(tables: Tables, partition: Partition): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of walk(tables, partition)) {
    items.push(item);
    if (items.length === AT_ONCE) break;
  }
  return items;
}
