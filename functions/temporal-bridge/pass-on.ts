/**
 * Passes marked work on to Temporal. Every step is idempotent: a mark may be worked off twice,
 * never not at all.
 */
import { toCall } from "../../adapters/dynamodb/calls/items.ts";
import { toCollection } from "../../adapters/dynamodb/catalog/items.ts";
import type { Key } from "../../adapters/dynamodb/keys.ts";
import {
  clearMark,
  findMarked,
  type Marked,
  type PendingKind,
} from "../../adapters/dynamodb/pending/marks.ts";
import { toProbe } from "../../adapters/dynamodb/probes/items.ts";
import { toRegistration } from "../../adapters/dynamodb/registry/registrations.ts";
import { StoredRun } from "../../adapters/dynamodb/runs/items.ts";
import { markTenantSchedules } from "../../adapters/dynamodb/tenants/store.ts";
import { closeWindow } from "../../adapters/temporal/close-window.ts";
import {
  cancelWorkflow,
  startCallWorkflow,
  startCollectionWorkflow,
  startConnectorRegistration,
  startProbeWorkflow,
  startRunWorkflow,
} from "../../adapters/temporal/start-workflows.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { applyCollections } from "./apply-collections.ts";
import { applyConfig } from "./apply-config.ts";
import type { BridgeDeps } from "./deps.ts";
import { startDeletion } from "./start-deletion.ts";

/** One call to Temporal may take this long; then the stream, or the reconciler, tries again. */
const PATIENCE_MS = 10_000;

/**
 * Reads the item as it is now and does what its mark asks for. Answers what was done, undefined for
 * nothing.
 */
export async function passOn(deps: BridgeDeps, key: Key): Promise<PendingKind | undefined> {
  const marked = await findMarked(deps.tables, key);
  if (!marked) return undefined;
  const kind = marked.pendingKind;
  if (!isKnown(kind)) throw new Error(`No work is known for marks of kind ${kind}.`);
  await deps.temporal.withDeadline(Date.now() + PATIENCE_MS, () => WORK[kind](deps, marked));
  return kind;
}

type Work = (deps: BridgeDeps, marked: Marked) => Promise<void>;

const WORK: Record<PendingKind, Work> = {
  run: passOnRun,
  "unit-config": applyConfig,
  endpoint: applyCollections,
  /** A tenant was suspended, or goes on: each of its schedules is looked at again. */
  async tenant({ tables, now }, marked) {
    await markTenantSchedules(tables, String(marked.tenantId), now());
    await clearMark(tables, marked);
  },
  "endpoint-deletion": startDeletion,
  "tenant-deletion": startDeletion,
  async collection(deps, marked) {
    const collection = toCollection(marked);
    if (collection.finishedAt === null) await startCollectionWorkflow(deps.temporal, collection);
    await clearMark(deps.tables, marked);
  },
  call: passOnCall,
  async "connector-registration"(deps, marked) {
    const { tenantId, owner, claim, shown } = toRegistration(marked);
    const { name, version } = shown;
    if (shown.finishedAt === null) {
      const input = { tenantId, owner, name, version, claim };
      await startConnectorRegistration(deps.temporal, input);
    }
    await clearMark(deps.tables, marked);
  },
  async probe(deps, marked) {
    const probe = toProbe(marked);
    if (probe.finishedAt === null) await startProbeWorkflow(deps.temporal, probe);
    await clearMark(deps.tables, marked);
  },
};

/** A call that nobody waits for. */
async function passOnCall({ tables, temporal }: BridgeDeps, marked: Marked): Promise<void> {
  const call = toCall(marked);
  if (call.finishedAt === null) await startCallWorkflow(temporal, call);
  await clearMark(tables, marked);
}

const isKnown = (kind: string): kind is PendingKind => Object.hasOwn(WORK, kind);

/**
 * A queued run starts; one that shall land what it has staged is told; one that shall stop is
 * cancelled, after its start, so that its workflow gives the unit back.
 */
async function passOnRun({ tables, temporal }: BridgeDeps, marked: Marked): Promise<void> {
  const run = StoredRun.parse(marked);
  if (run.status === "QUEUED") await startRunWorkflow(temporal, run);
  const isActive = run.finishedAt === null;
  const id = run.workflowId ?? workflowId.run(run.tenantId, run.runId);
  if (isActive && run.closing) await closeWindow(temporal, id, run.closing);
  if (isActive && run.cancelRequested) await cancelWorkflow(temporal, id);
  await clearMark(tables, marked);
}
