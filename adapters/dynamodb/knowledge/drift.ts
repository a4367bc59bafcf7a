/** What the knowledge base should hold of a tenant beside what it holds: keys to project again. */
import type { Tables } from "../client.ts";
import { findEndpoint, walkEndpoints } from "../endpoints/store.ts";
import { endpointChildrenPk, INDEX, type Key, keys, runsByTime, tenantPk } from "../keys.ts";
import { listAll } from "../table/page.ts";
import { walk } from "../table/walk.ts";
import { walkNodes } from "./store.ts";

const toKey = ({ pk, sk }: Record<string, unknown>): Key => ({ pk: String(pk), sk: String(sk) });

/**
 * Keys of all that gives nodes: the tenant's sinks and endpoints, their catalogues and configs,
 * runs that ended since `since`, and what the nodes that are there were made of, lest the thing is
 * gone without a stream record.
 */
export async function* listProjectedKeys(
  tables: Tables,
  tenantId: string,
  since: Date,
): AsyncGenerator<Key> {
  yield* await listAll(tables, { pk: tenantPk(tenantId), prefix: "SINK#" }, toKey);
  for await (const { endpointId } of walkEndpoints(tables, tenantId)) {
    yield keys.endpoint(tenantId, endpointId);
    for (const prefix of ["DATASET#", "CONFIG#"])
      yield* await listAll(tables, { pk: endpointChildrenPk(tenantId, endpointId), prefix }, toKey);
  }
  yield* runsSince(tables, tenantId, since);
  yield* keysOfNodes(tables, tenantId);
}

async function* runsSince(tables: Tables, tenantId: string, since: Date): AsyncGenerator<Key> {
  const recent = {
    pk: runsByTime(tenantId),
    from: since.toISOString(),
    index: INDEX.byTime,
  };
  for await (const run of walk(tables, recent)) if (run.finishedAt) yield toKey(run);
}

/** Nodes of what may vanish by itself. Runs and artifacts go with their endpoint, entities too. */
async function* keysOfNodes(tables: Tables, tenantId: string): AsyncGenerator<Key> {
  for await (const { payload } of walkNodes(tables, tenantId, "sink"))
    yield keys.sink(tenantId, String(payload.sinkId));
  for await (const { scope, payload } of walkNodes(tables, tenantId, "catalog.dataset"))
    yield keys.dataset(tenantId, scope, String(payload.name));
  for await (const { scope, logicalId } of walkNodes(tables, tenantId, "ingestion.unit"))
    yield keys.unitConfig(tenantId, scope, logicalId.slice(logicalId.lastIndexOf("::") + 2));
}

/** Endpoints that are no more and have nodes: their own goes with the last. */
export async function listOrphanedScopes(tables: Tables, tenantId: string): Promise<string[]> {
  const orphaned: string[] = [];
  for await (const { scope } of walkNodes(tables, tenantId, "endpoint"))
    if (!(await findEndpoint(tables, tenantId, scope))) orphaned.push(scope);
  return orphaned;
}
