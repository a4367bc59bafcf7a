import { createHash } from "node:crypto";
import { upsertEntities } from "../../adapters/dynamodb/knowledge/enrichment.ts";
import { addEnriched, NOTHING_ENRICHED } from "../../core/knowledge-enrichment.ts";
import { entityNode } from "../../core/knowledge-entities.ts";
import type { EnrichInput, EnrichResult } from "../../schemas/activities.ts";
import { DomainError } from "../../schemas/errors.ts";
import { BATCH_LIMIT, EnrichmentManifest, NormalizedRecord } from "../../schemas/knowledge-node.ts";
import { PREFIX } from "../../schemas/names.ts";
import type { RunPlan } from "../../schemas/run-plan.ts";
import type { Deps } from "./deps.ts";

/** The workflow calls again for what is left: a worker that goes down loses a minute at most. */
const WORK_MS = 60_000;
/** A reference of 200 bytes for each of ten million records' batches. */
const LARGEST_MANIFEST = 4_000_000;

/**
 * Takes as many batches of a slice into the knowledge base as it has time for, one at least. Throws
 * `STAGING_CORRUPT` when an object is not the one that was reported, `FENCED` when a newer run owns
 * the unit.
 */
export async function enrichKnowledgeBase(
  deps: Deps,
  { plan, slice, enrichment, from }: EnrichInput,
  heartbeat: () => void,
): Promise<EnrichResult> {
  const { batches } = EnrichmentManifest.parse(
    JSON.parse(await read(deps, plan, enrichment, LARGEST_MANIFEST)),
  );
  const until = deps.now().getTime() + WORK_MS;
  let done = NOTHING_ENRICHED;
  let next = from;

  for (const batch of batches.slice(from)) {
    const lines = await read(deps, plan, batch, BATCH_LIMIT.bytes);
    const readAt = deps.now().toISOString();
    const batchId = `${plan.runId}/${slice}/${next}`;
    const source = {
      endpointId: plan.source.endpointId,
      unitId: plan.unitId,
      epoch: plan.epoch,
      batchId,
      readAt,
    };

    const drafts = recordsOf(lines, batch.records).map((record) => entityNode(record, source));
    done = addEnriched(done, await upsertEntities(deps.tables, plan, drafts, heartbeat));
    next++;
    if (deps.now().getTime() >= until) break;
  }

  return { ...done, next: next < batches.length ? next : null };
}

/** An object of the run's own staging, whole and as it was written. */
async function read(
  { readStaged }: Deps,
  { tenantId, runId }: RunPlan,
  { key, sha256 }: { key: string; sha256: string },
  mostBytes: number,
): Promise<string> {
  if (!key.startsWith(`${PREFIX.staging}/${tenantId}/${runId}/`)) throw damaged();
  const bytes = await readStaged(key, mostBytes);
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw damaged();
  return Buffer.from(bytes).toString("utf8");
}

function recordsOf(lines: string, expected: number): NormalizedRecord[] {
  const records = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => NormalizedRecord.parse(JSON.parse(line)));
  if (records.length !== expected || records.length > BATCH_LIMIT.records) throw damaged();
  return records;
}

const damaged = () =>
  new DomainError("STAGING_CORRUPT", "A batch for the knowledge base is damaged. Run again.");
