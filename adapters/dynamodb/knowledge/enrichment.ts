/**
 * Entities of a run become nodes: each batch is written once, whoever retries it, and only by the
 * run that owns its unit.
 */
import {
  type EntityDraft,
  type EntityFate,
  entityFate,
  newestOfEach,
} from "../../../core/knowledge-entities.ts";
import type { RunPlan } from "../../../schemas/run-plan.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { fenced, leaseCheck } from "../runs/fence.ts";
import { exists } from "../table/condition.ts";
import { transact } from "../table/transact.ts";
import { type ConditionalWrite, check } from "../table/write.ts";
import type { StoredNode } from "./items.ts";
import { findNodes } from "./store.ts";
import { NodeMoved, putNodeWrites, writesOf } from "./writes.ts";

export interface Upserted {
  inserted: number;
  updated: number;
  /** Known already in this version or a newer one, or repeated in the slice. */
  deduplicated: number;
  /** Of these, known in this very version from another slice. */
  unchanged: number;
}

/** Writes a transaction takes at most (100), less the two that guard it. */
const WRITES_AT_ONCE = 98;
const RACES = 10;

/**
 * Upserts the entities of one batch: the newest version of each wins. Every record is counted once,
 * and again with the same batch as it was counted first. Throws `FENCED` when the run no longer
 * owns its unit. `onStep` is called between writes.
 */
export async function upsertEntities(
  tables: Tables,
  plan: RunPlan,
  drafts: readonly EntityDraft[],
  onStep: () => void = () => undefined,
): Promise<Upserted> {
  const newest = newestOfEach(drafts);
  const counted = {
    inserted: 0,
    updated: 0,
    deduplicated: drafts.length - newest.length,
    unchanged: 0,
  };
  const stored = await findNodes(tables, plan.tenantId, newest.map(idOf));

  for (const group of groups(newest, stored)) {
    onStep();
    for (const kind of await writeGroup(tables, plan, group, stored)) {
      counted[kind]++;
      if (kind === "unchanged") counted.deduplicated++;
    }
  }

  return counted;
}

/** As many drafts together as one transaction takes, however they turn out. */
function* groups(
  drafts: readonly EntityDraft[],
  stored: ReadonlyMap<string, StoredNode>,
): Generator<EntityDraft[]> {
  let group: EntityDraft[] = [];
  let writes = 0;

  for (const draft of drafts) {
    const seen = stored.get(draft.logicalId);
    const more = isWritten(entityFate(seen, draft)) ? writesOf(draft, seen) : 0;
    if (writes + more > WRITES_AT_ONCE) {
      yield group;
      [group, writes] = [[], 0];
    }
    group.push(draft);
    writes += more;
  }

  if (group.length > 0) yield group;
}

async function writeGroup(
  tables: Tables,
  plan: RunPlan,
  group: readonly EntityDraft[],
  stored: ReadonlyMap<string, StoredNode>,
): Promise<(keyof Upserted)[]> {
  let seen: ReadonlyMap<string, StoredNode> = stored;
  for (let race = 1; ; race++) {
    const fates = group.map((draft) => ({
      draft,
      node: seen.get(idOf(draft)),
      fate: fateOf(draft, seen),
    }));
    const written = fates.filter(({ fate }) => isWritten(fate));

    try {
      if (written.length > 0) {
        const puts = written.flatMap(({ draft, node }) =>
          putNodeWrites(tables, plan.tenantId, draft, node),
        );
        await transact(tables, [leaseCheck(tables, plan), endpointCheck(tables, plan), ...puts]);
      }
      return fates.map(({ fate, node }) => countAs(fate, node));
    } catch (error) {
      if (!(error instanceof NodeMoved) || race === RACES) throw error;
      seen = await findNodes(tables, plan.tenantId, group.map(idOf));
    }
  }
}

/** A deletion that began keeps a run that has not heard of it from writing behind its back. */
function endpointCheck(tables: Tables, { tenantId, source }: RunPlan): ConditionalWrite {
  return check(tables.control, keys.endpoint(tenantId, source.endpointId), exists(), fenced);
}

const idOf = ({ logicalId }: EntityDraft) => logicalId;
const fateOf = (draft: EntityDraft, seen: ReadonlyMap<string, StoredNode>) =>
  entityFate(seen.get(draft.logicalId), draft);
const isWritten = (fate: EntityFate) => fate === "insert" || fate === "update";

/** What this batch wrote before a crash counts as it did then. */
function countAs(fate: EntityFate, node: StoredNode | undefined): keyof Upserted {
  if (fate === "insert") return "inserted";
  if (fate === "update") return "updated";
  if (fate === "unchanged") return "unchanged";
  if (fate === "passed") return "deduplicated";
  return node?.version === 1 ? "inserted" : "updated";
}
