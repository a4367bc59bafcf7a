/** The timeline of a run, made of the facts that its writers left. */
import type { Artifact } from "../schemas/artifact.ts";
import type { AuditEntry } from "../schemas/event.ts";
import type { Evidence, Run } from "../schemas/run.ts";
import type { RunLogEntry } from "../schemas/run-log.ts";

export interface RunFacts {
  readonly run: Run;
  readonly artifacts: readonly Artifact[];
  /** Audit entries whose subject is the run. */
  readonly audit: readonly Pick<AuditEntry, "at" | "actor" | "action">[];
  /** What was written down when it happened: retries, restarts, takeovers, waits. */
  readonly lines: readonly RunLogEntry[];
}

/**
 * What is known of the run, oldest first; what it waits for comes at the instant when the wait is
 * over.
 */
export function runLog({ run, artifacts, audit, lines }: RunFacts): RunLogEntry[] {
  const entries = [
    queued(run, actorOf(audit, "run.start")),
    ...started(run),
    ...cancelRequested(run, audit),
    ...artifacts.map((artifact) => committed(run, artifact)),
    ...lines,
    ...progress(run),
    ...run.evidence.map((evidence) => observed(run, evidence)),
    ...failed(run),
    ...ended(run),
    ...waiting(run),
  ];

  // Sorting is stable: at one instant the order above holds.
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

const actorOf = (audit: RunFacts["audit"], action: string): string | null =>
  audit.find((entry) => entry.action === action)?.actor ?? null;

function queued(run: Run, actor: string | null): RunLogEntry {
  const { queuedAt, trigger, mode, sinkId, replayOf, redrive, refill } = run;
  const by = trigger === "SCHEDULE" ? "by its schedule" : `by ${actor ?? "an operator"}`;
  const message = `Queued ${by}${purposeOf(run)}.`;
  const again = { ...(replayOf !== null && { replayOf }), ...(redrive !== null && { redrive }) };
  const asked = { ...again, ...(refill !== null && { refill }) };
  return {
    at: queuedAt,
    kind: "queued",
    message,
    data: { trigger, actor, mode, sinkId, ...asked },
  };
}

function purposeOf({ replayOf, redrive, refill }: Run): string {
  if (redrive?.discard) return ", to discard quarantined records";
  if (redrive !== null) return ", to try quarantined records again";
  if (refill !== null) return ", to make landed rows again from their `_raw`";
  return replayOf === null ? "" : `, to land again what ${replayOf} staged`;
}

function started({ startedAt, epoch }: Run): RunLogEntry[] {
  return startedAt === null
    ? []
    : [{ at: startedAt, kind: "started", message: "Started.", data: { epoch } }];
}

function cancelRequested({ cancelRequested: asked }: Run, audit: RunFacts["audit"]): RunLogEntry[] {
  const entry = audit.find(({ action }) => action === "run.cancel");
  if (!asked || !entry) return [];
  const { at, actor } = entry;
  return [
    { at, kind: "cancelRequested", message: `${actor} asked the run to stop.`, data: { actor } },
  ];
}

function committed({ finishedAt }: Run, artifact: Artifact): RunLogEntry {
  const { artifactId, location, snapshotId, commitId, rows, bytes, createdAt } = artifact;
  const settled = finishedAt !== null && Date.parse(createdAt) > Date.parse(finishedAt);
  const message = settled
    ? `The sink had committed ${count(rows, "row")}: the run after this one found out.`
    : `Committed ${count(rows, "row")}, ${count(bytes, "byte")}.`;
  const data = { artifactId, location, snapshotId, commitId, rows, bytes, settled };
  return { at: createdAt, kind: "committed", message, data };
}

function progress({ finishedAt, progress: figures }: Run): RunLogEntry[] {
  if (finishedAt !== null || figures === null) return [];
  const { updatedAt, ...data } = figures;
  const requests = count(data.requests, "request");
  const message = `Read ${count(data.rows, "row")} so far, with ${requests}.`;
  return [{ at: updatedAt, kind: "progress", message, data }];
}

function waiting({ finishedAt, waiting: wait }: Run): RunLogEntry[] {
  if (finishedAt !== null || wait === null) return [];
  return [
    {
      at: wait.until,
      kind: "waiting",
      message: `Waits until then: ${wait.reason}`,
      data: { ...wait },
    },
  ];
}

/** When evidence came in is not kept: it is as old as what was written last. */
function observed(run: Run, { code, message, weight }: Evidence): RunLogEntry {
  const at = run.finishedAt ?? run.progress?.updatedAt ?? run.startedAt ?? run.queuedAt;
  return { at, kind: "evidence", message, data: { code, weight } };
}

function failed({ finishedAt, queuedAt, error }: Run): RunLogEntry[] {
  if (error === null) return [];
  const { code, message, retryable } = error;
  return [{ at: finishedAt ?? queuedAt, kind: "error", message, data: { code, retryable } }];
}

function ended({ finishedAt, status, stats }: Run): RunLogEntry[] {
  if (finishedAt === null) return [];
  const { slices, read, landed, unchanged } = stats;
  const figures =
    `${count(read, "row")} read, ${landed} landed, ${unchanged} unchanged, ` +
    `in ${count(slices, "slice")}`;

  return [
    {
      at: finishedAt,
      kind: "ended",
      message: `Ended as ${status}: ${figures}.`,
      data: { status, ...stats },
    },
  ];
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
