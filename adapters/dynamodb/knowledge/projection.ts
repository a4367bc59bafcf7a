/**
 * Keeps the knowledge base as the control plane's items are: read the node, then the item as it is
 * now, write the node only if nobody wrote it meanwhile (ADR 0011). So a change may arrive twice,
 * late or out of order: after the last one has arrived once, the node equals the item.
 */
import { CDM } from "../../../core/common-data.ts";
import { nodeId, scopeOf } from "../../../core/knowledge-ids.ts";
import {
  artifactNode,
  datasetNode,
  endpointNode,
  type NodeDraft,
  runNode,
  saysTheSame,
  sinkNode,
  unconfiguredUnitNode,
  unitNode,
} from "../../../core/knowledge-nodes.ts";
import { DomainError } from "../../../schemas/errors.ts";
import { TENANT_SCOPE } from "../../../schemas/knowledge-node.ts";
import type { UnitConfig } from "../../../schemas/unit-config.ts";
import { toDataset } from "../catalog/items.ts";
import { listUnitDescriptors } from "../catalog/units.ts";
import type { Item, Tables } from "../client.ts";
import { toEndpoint } from "../endpoints/items.ts";
import { findEndpoint } from "../endpoints/store.ts";
import { type Key, keys } from "../keys.ts";
import { toArtifact, toRun } from "../runs/items.ts";
import { toSink } from "../sinks/items.ts";
import { findSink } from "../sinks/store.ts";
import { exists } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { transact } from "../table/transact.ts";
import { type ConditionalWrite, check } from "../table/write.ts";
import { toUnitConfig } from "../units/items.ts";
import { findNode, listNodes } from "./store.ts";
import { NodeMoved, putNodeWrites, removeNodeWrites } from "./writes.ts";

/** One node: its id, and what it is made of when that is there. */
interface Projected {
  readonly tenantId: string;
  readonly logicalId: string;
  /** The draft and the item it was read from; undefined when there is nothing to know. */
  readonly read: () => Promise<{ draft: NodeDraft; from: Key } | undefined>;
  /**
   * It goes with all that hangs on it (`removal.ts`), not before: by it one sees that something
   * is left.
   */
  readonly staysToTheLast?: true;
}

const RACES = 10;

/**
 * Brings the nodes up to date that an item of the control table gives. Answers how many were
 * written.
 */
export async function project(tables: Tables, key: Key): Promise<number> {
  let written = 0;
  for (const node of await projectedBy(tables, key))
    written += (await projectNode(tables, node)) ? 1 : 0;
  return written;
}

async function projectNode(tables: Tables, node: Projected): Promise<boolean> {
  const { tenantId, logicalId } = node;
  for (let race = 1; ; race++) {
    const seen = await findNode(tables, tenantId, logicalId);
    const found = await node.read();
    if (found ? seen && saysTheSame(seen, found.draft) : !seen || node.staysToTheLast) return false;

    try {
      if (found) {
        const guards = stillThere(tables, tenantId, found.from, scopeOf(logicalId));
        await transact(tables, [...putNodeWrites(tables, tenantId, found.draft, seen), ...guards]);
      } else if (seen) await transact(tables, removeNodeWrites(tables, tenantId, seen));
      return true;
    } catch (error) {
      if (error instanceof EndpointGone) return false;
      if (!(error instanceof NodeMoved) || race === RACES) throw error;
    }
  }
}

/** Its deletion is under way, and removes the nodes when all else is gone. */
class EndpointGone extends Error {}

/**
 * Nodes of what is removed must not come back: the item and its endpoint are there when the node is
 * written.
 */
function stillThere(
  tables: Tables,
  tenantId: string,
  from: Key,
  scope: string,
): ConditionalWrite[] {
  const endpoint = keys.endpoint(tenantId, scope);
  const isEndpoint = from.pk === endpoint.pk && from.sk === endpoint.sk;
  const endpointGone = () => new EndpointGone("The endpoint is gone.");
  const removed = () =>
    new NodeMoved("What the node tells of was removed meanwhile. It is read again.");

  return [
    ...(scope === TENANT_SCOPE || isEndpoint
      ? []
      : [check(tables.control, endpoint, exists(), endpointGone)]),
    check(tables.control, from, exists(), removed),
  ];
}

const OWN = /^T#(?<tenantId>[^#]+)$/;
const CHILD = /^T#(?<tenantId>[^#]+)#E#(?<endpointId>[^#]+)$/;
const ALONE = /^T#(?<tenantId>[^#]+)#(RUN|ARTIFACT)#[^#]+$/;

async function projectedBy(tables: Tables, key: Key): Promise<Projected[]> {
  const [kind = "", id = ""] = split(key.sk);
  const tenantId =
    (OWN.exec(key.pk) ?? CHILD.exec(key.pk) ?? ALONE.exec(key.pk))?.groups?.tenantId ?? "";
  const endpointId = CHILD.exec(key.pk)?.groups?.endpointId ?? "";
  const from =
    <T>(parse: (item: Item) => T, draft: (noun: T) => NodeDraft) =>
    async () => {
      const item = await findItem(tables, key);
      return item && { draft: draft(parse(item)), from: key };
    };

  switch (kind) {
    case "ENDPOINT":
      return [
        {
          tenantId,
          logicalId: nodeId.endpoint(id),
          read: from(toEndpoint, endpointNode),
          staysToTheLast: true,
        },
      ];
    case "SINK":
      return [{ tenantId, logicalId: nodeId.sink(id), read: from(toSink, sinkNode) }];
    case "CONFIG":
      return [unit(tables, tenantId, endpointId, id)];
    case "DATASET": {
      const dataset = {
        tenantId,
        logicalId: nodeId.dataset(endpointId, id),
        read: from(toDataset, datasetNode),
      };
      return [dataset, ...(await unitsOfDataset(tables, tenantId, endpointId, id))];
    }
    case "UNITS":
      return unitsOfEndpoint(tables, tenantId, endpointId);
    case "ARTIFACT":
    case "RUN":
      return ofRun(tables, tenantId, key);
    default:
      return [];
  }
}

/**
 * A run and what it landed say whose they are only themselves. They are removed with their
 * endpoint.
 */
async function ofRun(tables: Tables, tenantId: string, key: Key): Promise<Projected[]> {
  const item = await findItem(tables, key);
  if (!item) return [];

  const [endpointId, runId] = [String(item.endpointId), String(item.runId)];
  const runKey = keys.run(tenantId, runId);
  const read = async () => {
    const found = await findItem(tables, runKey);
    // A tick that found its unit taken landed nothing and tells of nothing.
    return found && found.status !== "SKIPPED"
      ? { draft: runNode(toRun(found)), from: runKey }
      : undefined;
  };
  const run = { tenantId, logicalId: nodeId.run(endpointId, runId), read };
  if (item.entity !== "artifact") return [run];

  const artifact = toArtifact(item);
  const logicalId = nodeId.artifact(endpointId, artifact.artifactId);
  return [
    run,
    { tenantId, logicalId, read: async () => ({ draft: artifactNode(artifact), from: key }) },
  ];
}

/** A unit is what its config says; without one, what the catalogue says. */
function unit(tables: Tables, tenantId: string, endpointId: string, unitId: string): Projected {
  const read = async () => {
    const from = keys.unitConfig(tenantId, endpointId, unitId);
    const config = await findItem(tables, from);
    if (config) return { draft: await configured(tables, tenantId, toUnitConfig(config)), from };
    return unconfigured(tables, tenantId, endpointId, unitId);
  };
  return { tenantId, logicalId: nodeId.unit(endpointId, unitId), read };
}

async function configured(tables: Tables, tenantId: string, config: UnitConfig) {
  const sink = await findSink(tables, tenantId, config.sinkId);
  if (sink?.type !== CDM) return unitNode(config);

  const descriptors = await unitDescriptors(tables, tenantId, config.endpointId);
  return unitNode(
    config,
    descriptors.find(({ unitId }) => unitId === config.unitId),
  );
}

async function unconfigured(tables: Tables, tenantId: string, endpointId: string, unitId: string) {
  const descriptor = (await unitDescriptors(tables, tenantId, endpointId)).find(
    (one) => one.unitId === unitId,
  );
  if (!descriptor) return undefined;
  const from = keys.dataset(tenantId, endpointId, descriptor.dataset);
  const dataset = await findItem(tables, from);
  const parsed = dataset && toDataset(dataset);
  return parsed?.ingestable && !parsed.vanished
    ? { draft: unconfiguredUnitNode(descriptor, parsed), from }
    : undefined;
}

async function unitsOfDataset(tables: Tables, tenantId: string, endpointId: string, name: string) {
  const descriptors = await unitDescriptors(tables, tenantId, endpointId);
  return descriptors
    .filter(({ dataset }) => dataset === name)
    .map(({ unitId }) => unit(tables, tenantId, endpointId, unitId));
}

async function unitDescriptors(tables: Tables, tenantId: string, endpointId: string) {
  const endpoint = await findEndpoint(tables, tenantId, endpointId);
  if (!endpoint) return [];

  try {
    return await listUnitDescriptors(tables, endpoint);
  } catch (error) {
    // Of a connector that was never published the graph has no units, and goes on with the rest.
    if (error instanceof DomainError && error.code === "NOT_FOUND") return [];
    throw error;
  }
}

/** Units that a collection found, and those that have a node: it may not have found them again. */
async function unitsOfEndpoint(tables: Tables, tenantId: string, scope: string) {
  const descriptors = await unitDescriptors(tables, tenantId, scope);
  const unitIds = new Set(descriptors.map(({ unitId }) => unitId));
  for (let after: string | undefined; ; ) {
    const filter = { entityType: "ingestion.unit", scope };
    const { items, next } = await listNodes(tables, tenantId, filter, { limit: 100, after });
    for (const { payload } of items) unitIds.add(String(payload.unitId));
    if (next === null) break;
    after = next;
  }

  return [...unitIds].map((unitId) => unit(tables, tenantId, scope, unitId));
}

/** `CONFIG#jira.issues` → CONFIG, jira.issues. */
function split(sk: string): [string, string] {
  const hash = sk.indexOf("#");
  return hash < 0 ? [sk, ""] : [sk.slice(0, hash), sk.slice(hash + 1)];
}
