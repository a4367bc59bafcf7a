/** What a source's records are in the knowledge base, and which version of one is kept. */
import type { KbEdge, NormalizedRecord } from "../schemas/knowledge-node.ts";
import { canonicalJson } from "./canonical-json.ts";
import { nodeId } from "./knowledge-ids.ts";
import type { NodeDraft } from "./knowledge-nodes.ts";

/**
 * An entity's node before it is stored, with what orders its versions: the source's cursor, then
 * the run's epoch.
 */
export interface EntityDraft extends NodeDraft {
  readonly cursor: string | null;
  readonly epoch: number;
  /** The batch that wrote it: `<runId>/<slice>/<batch>`. */
  readonly batchId: string;
}

export interface EntitySource extends Pick<EntityDraft, "epoch" | "batchId"> {
  readonly endpointId: string;
  readonly unitId: string;
  /** Of a record that says no time itself. */
  readonly readAt: string;
}

export function entityNode(record: NormalizedRecord, source: EntitySource): EntityDraft {
  const { endpointId, unitId, epoch, batchId, readAt } = source;
  const { entityType, id, cursor, payload } = record;
  const related = record.relations.map(
    (one): KbEdge => ({
      type: one.type,
      target: nodeId.entity(one.entityType, endpointId, one.id),
    }),
  );

  return {
    entityType,
    logicalId: nodeId.entity(entityType, endpointId, id),
    scope: endpointId,
    payload,
    edges: [...related, { type: "EXTRACTED_BY", target: nodeId.unit(endpointId, unitId) }],
    updatedAt: cursor ?? readAt,
    cursor,
    epoch,
    batchId,
  };
}

export type EntityFate = "insert" | "update" | "unchanged" | "passed" | "repeated";

/**
 * What becomes of a draft that meets the stored node. `unchanged`: another slice brought the same.
 * `passed`: this slice brought it already, or the stored one is newer. `repeated`: this very batch
 * wrote it, before a crash.
 */
export function entityFate(stored: EntityDraft | undefined, draft: EntityDraft): EntityFate {
  if (!stored) return "insert";
  if (content(stored) !== content(draft)) return isOlder(draft, stored) ? "passed" : "update";
  if (stored.batchId === draft.batchId) return "repeated";
  return sliceOf(stored) === sliceOf(draft) ? "passed" : "unchanged";
}

/** The newest draft of each node, in the order of their first coming; of equal ones the later. */
export function newestOfEach(drafts: readonly EntityDraft[]): EntityDraft[] {
  const newest = new Map<string, EntityDraft>();
  for (const draft of drafts) {
    const before = newest.get(draft.logicalId);
    if (!before || !isOlder(draft, before)) newest.set(draft.logicalId, draft);
  }
  return [...newest.values()];
}

function isOlder(one: EntityDraft, other: EntityDraft): boolean {
  const [cursor, others] = [one.cursor ?? "", other.cursor ?? ""];
  return cursor === others ? one.epoch < other.epoch : cursor < others;
}

/** A batch is called `run/slice/number`. */
const sliceOf = ({ batchId }: EntityDraft) => batchId.slice(0, batchId.lastIndexOf("/"));
const content = ({ payload, edges, cursor }: EntityDraft) =>
  canonicalJson([payload, edges, cursor]);
