import {
  type EndpointDeletion,
  findEndpointDeletion,
} from "../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import {
  listCollections,
  removeChildren,
  removeSomeProbes,
  removeSomeRuns,
} from "../../adapters/dynamodb/deletion/endpoint-items.ts";
import { removeAnswers, removeEvents } from "../../adapters/dynamodb/deletion/expiring-items.ts";
import { removeUnusedSourceSystems } from "../../adapters/dynamodb/endpoints/source-systems.ts";
import { endpointChildrenPk } from "../../adapters/dynamodb/keys.ts";
import { removeSomeEndpointNodes } from "../../adapters/dynamodb/knowledge/removal.ts";
import { removeStates } from "../../adapters/dynamodb/oauth/states.ts";
import { findStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { removePartition } from "../../adapters/dynamodb/table/delete-items.ts";
import { listFolders, removeObject, removeObjects } from "../../adapters/s3/object-removal.ts";
import { removeAllUnowned } from "../../adapters/secrets/unowned-credentials.ts";
import type {
  EndpointAddress,
  EndpointPart,
  RemovalPosition,
  RemovalStep,
} from "../../schemas/deletion.ts";
import { PREFIX } from "../../schemas/names.ts";
import type { DeletionDeps } from "./deps.ts";
import { MORE, removeFor, type Step } from "./removal.ts";

/**
 * Removes as much of one part as it has time for. Nothing is left to remove of an endpoint whose
 * deletion is done.
 */
export async function removeEndpointPart(
  deps: DeletionDeps,
  { part, after, ...of }: EndpointAddress & RemovalPosition<EndpointPart>,
): Promise<RemovalStep> {
  const deletion = await findEndpointDeletion(deps.tables, of);
  return deletion ? removeFor(after, (at) => STEPS[part](deps, deletion, at)) : { next: null };
}

const STEPS: Record<
  EndpointPart,
  (deps: DeletionDeps, of: EndpointDeletion, after: string | null) => Step
> = {
  /** The sweep's rule: what lies under a run that nobody knows belongs to nobody. */
  async staged({ tables, staging }, { tenantId, endpointId }) {
    const root = `${PREFIX.staging}/${tenantId}/`;
    for (const runId of await listFolders(staging, root)) {
      const run = await findStoredRun(tables, tenantId, runId);
      if (!run || run.endpointId === endpointId) await removeObjects(staging, `${root}${runId}/`);
    }
    return null;
  },

  async probes({ tables, staging }, { tenantId, endpointId }) {
    const ids = await removeSomeProbes(tables, tenantId, endpointId);
    for (const id of ids) await removeObject(staging, `${PREFIX.preview}/${tenantId}/${id}.json`);
    return ids.length > 0 ? MORE : null;
  },

  async quarantine({ staging }, { tenantId, endpointId }) {
    await removeObjects(staging, `${PREFIX.quarantine}/${tenantId}/${endpointId}/`);
    await removeObjects(staging, `${PREFIX.artifacts}/${tenantId}/${endpointId}/`);
    await removeObjects(staging, `${PREFIX.calls}/${tenantId}/${endpointId}/`);
    return null;
  },

  events: ({ tables, now }, { createdAt, ...of }, after) =>
    removeEvents(tables, { ...of, since: new Date(createdAt) }, after, now()),

  answers: ({ tables }, of, after) => removeAnswers(tables, of, after),

  async budget({ tables }, { tenantId, endpointId }) {
    await removeStates(tables, tenantId, endpointId);
    await removePartition(tables, tables.hot, endpointChildrenPk(tenantId, endpointId));
    return null;
  },

  async credentials({ tables, secrets, environment, now }, { tenantId, endpointId }) {
    const needs = { tables, credentials: { secrets, environment } };
    await removeAllUnowned(needs, { tenantId, ownerId: endpointId }, now());
    return null;
  },

  knowledge: async ({ tables }, { tenantId, endpointId }) =>
    (await removeSomeEndpointNodes(tables, tenantId, endpointId)) > 0 ? MORE : null,

  runs: async ({ tables }, of) => ((await removeSomeRuns(tables, of)) > 0 ? MORE : null),

  async units({ tables, staging, now }, of) {
    for (const id of await listCollections(tables, of)) {
      await removeObject(staging, `${PREFIX.catalog}/${of.tenantId}/${id}.json`);
    }
    await removeChildren(tables, of, of.actor, now());
    await removeUnusedSourceSystems(tables, of.tenantId);
    return null;
  },
};
