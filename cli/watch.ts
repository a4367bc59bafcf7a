/** Follows what an operation started until it has ended. */
import { Collection, Probe } from "../schemas/collection.ts";
import type { Operation } from "../schemas/operation.ts";
import { Run } from "../schemas/run.ts";
import { RefusedError, type Send, UnreachableError } from "./client.ts";

/** A run, a collection or a probe, as far as following it goes. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly item: Item;
}
export type SubjectKind = "run" | "collection" | "probe";
export interface Item {
  readonly status: string;
  readonly finishedAt: string | null;
  readonly [field: string]: unknown;
}

const KINDS = new Map<unknown, SubjectKind>([
  [Run, "run"],
  [Collection, "collection"],
  [Probe, "probe"],
]);

/** Whether `--watch` means anything for the operation. */
export function isWatchable({ answers }: Operation): boolean {
  return Object.values(answers).some((answer) => KINDS.has(answer));
}

export function isRun({ answers }: Operation, status: number): boolean {
  return answers[status] === Run;
}

export function subjectOf(
  { answers }: Operation,
  status: number,
  body: unknown,
): Subject | undefined {
  const kind = KINDS.get(answers[status]);
  return kind && { kind, item: body as Item };
}

const PATH: Record<SubjectKind, (item: Item) => string> = {
  run: ({ runId }) => `/runs/${runId}`,
  collection: ({ endpointId, collectionId }) =>
    `/endpoints/${endpointId}/collections/${collectionId}`,
  probe: ({ probeId }) => `/probes/${probeId}`,
};

const FIRST_POLL_MILLIS = 250;
const SLOWEST_POLL_MILLIS = 2000;
/** About half a minute of an API that does not answer. */
const FAILURES_BORNE = 15;

/** Polls, slower with time, and returns the subject as it ended. */
export async function watch(
  send: Send,
  subject: Subject,
  onChange: (subject: Subject) => void,
): Promise<Subject> {
  let seen = subject;
  let failures = 0;
  for (
    let wait = FIRST_POLL_MILLIS;
    seen.item.finishedAt === null;
    wait = Math.min(wait * 1.3, SLOWEST_POLL_MILLIS)
  ) {
    onChange(seen);
    await new Promise((wake) => setTimeout(wake, wait));
    try {
      const { body } = await send({ method: "GET", path: PATH[seen.kind](seen.item), headers: {} });
      seen = { kind: seen.kind, item: body as Item };
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!mayPass(error) || failures > FAILURES_BORNE) throw error;
    }
  }
  onChange(seen);
  return seen;
}

function mayPass(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return (
    error instanceof RefusedError && (error.problem.status === 429 || error.problem.status >= 500)
  );
}
