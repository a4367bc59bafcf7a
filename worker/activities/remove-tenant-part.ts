import {
  removeSomeProbes,
  removeSomeTenantRuns,
} from "../../adapters/dynamodb/deletion/endpoint-items.ts";
import { removeEvents } from "../../adapters/dynamodb/deletion/expiring-items.ts";
import {
  findTenantDeletion,
  type TenantDeletion,
} from "../../adapters/dynamodb/deletion/tenant-deletion.ts";
import {
  removeHotItems,
  removeTenantItems,
} from "../../adapters/dynamodb/deletion/tenant-items.ts";
import { removeTenantNodes } from "../../adapters/dynamodb/knowledge/removal.ts";
import { listAllSinks, removeSink } from "../../adapters/dynamodb/sinks/store.ts";
import { removeObjects } from "../../adapters/s3/object-removal.ts";
import { removeAllUnowned } from "../../adapters/secrets/unowned-credentials.ts";
import { listOpenWorkflows, stopWorkflows } from "../../adapters/temporal/stop-workflows.ts";
import { tenantPrefix } from "../../adapters/temporal/workflow-ids.ts";
import type { RemovalPosition, RemovalStep, TenantPart } from "../../schemas/deletion.ts";
import { PREFIX } from "../../schemas/names.ts";
import type { DeletionDeps } from "./deps.ts";
import { MORE, removeFor, type Step } from "./removal.ts";

/** Removes as much of one part as it has time for, of a tenant whose endpoints are gone. */
export async function removeTenantPart(
  deps: DeletionDeps,
  { tenantId, part, after }: { tenantId: string } & RemovalPosition<TenantPart>,
): Promise<RemovalStep> {
  const deletion = await findTenantDeletion(deps.tables, tenantId);
  return deletion ? removeFor(after, (at) => STEPS[part](deps, deletion, at)) : { next: null };
}

/**
 * The folders of the staging bucket that belong to a tenant. Claimed payloads belong to none: they
 * are encrypted, and named by what they hold.
 */
const FOLDERS = [
  PREFIX.staging,
  PREFIX.catalog,
  PREFIX.preview,
  PREFIX.quarantine,
  PREFIX.artifacts,
  PREFIX.calls,
  PREFIX.connectors,
];

const STEPS: Record<
  TenantPart,
  (deps: DeletionDeps, of: TenantDeletion, after: string | null) => Step
> = {
  async sinks({ tables, secrets, environment, temporal, now }, { tenantId, actor }) {
    // What is open of a tenant without endpoints asks after a sink.
    await stopWorkflows(
      temporal,
      await listOpenWorkflows(temporal, tenantPrefix(tenantId)),
      "terminate",
    );
    for (const sink of await listAllSinks(tables, tenantId)) {
      const { sinkId } = sink;
      while ((await removeSomeProbes(tables, tenantId, sinkId)).length > 0);
      await removeSink(tables, sink, actor, now());
    }
    await removeAllUnowned({ tables, credentials: { secrets, environment } }, { tenantId }, now());
    return null;
  },

  runs: async ({ tables }, { tenantId }) =>
    (await removeSomeTenantRuns(tables, tenantId)) > 0 ? MORE : null,

  events: ({ tables, now }, { tenantId }, after) =>
    removeEvents(tables, { tenantId, since: new Date(0) }, after, now()),

  async objects({ staging }, { tenantId }) {
    for (const folder of FOLDERS) await removeObjects(staging, `${folder}/${tenantId}/`);
    return null;
  },

  async hot({ tables }, { tenantId }) {
    await removeHotItems(tables, tenantId);
    return null;
  },

  async knowledge({ tables }, { tenantId }) {
    await removeTenantNodes(tables, tenantId);
    return null;
  },

  async rest({ tables, secrets, environment, now }, { tenantId }) {
    // What an earlier request has announced since the deletion is removed with the rest.
    await removeAllUnowned({ tables, credentials: { secrets, environment } }, { tenantId }, now());
    await removeTenantItems(tables, tenantId);
    return null;
  },
};
