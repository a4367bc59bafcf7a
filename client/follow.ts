/** Follows a run, a collection or a probe until it has ended. */
import { Collection, Probe } from "../schemas/collection.ts";
import type { Operation } from "../schemas/operation.ts";
import { GetCollection, GetProbe } from "../schemas/operations/endpoints.ts";
import { GetRun } from "../schemas/operations/runs.ts";
import { Run } from "../schemas/run.ts";
import type { ApiClient } from "./api-client.ts";
import { RefusedError, UnreachableError } from "./errors.ts";

/** Work that an operation started, by what it is. */
export type Work =
  | { readonly kind: "run"; readonly item: Run }
  | { readonly kind: "collection"; readonly item: Collection }
  | { readonly kind: "probe"; readonly item: Probe };
export type WorkKind = Work["kind"];

export interface FollowOptions<W extends Work = Work> {
  /** Told of each state that was read, the first and the last among them. */
  readonly onChange?: (work: W) => void;
  readonly slowestMillis?: number;
  /** How many polls in a row may fail in a way that can pass. */
  readonly failuresBorne?: number;
}

const KINDS = new Map<unknown, WorkKind>([
  [Run, "run"],
  [Collection, "collection"],
  [Probe, "probe"],
]);

/** Whether an answer of the operation may tell of work. */
export function tellsOfWork({ answers }: Operation): boolean {
  return Object.values(answers).some((answer) => KINDS.has(answer));
}

/** The work that an answer tells of; undefined when it tells of none. */
export function workIn(operation: Operation, status: number, body: unknown): Work | undefined {
  const kind = KINDS.get(operation.answers[status]);
  return kind && ({ kind, item: body } as Work);
}

const FIRST_POLL_MILLIS = 250;
const SLOWEST_POLL_MILLIS = 2000;
const SLOWDOWN = 1.3;
/** About half a minute of an API that does not answer. */
const FAILURES_BORNE = 15;

/** Polls, slower with time, and returns the work as it ended. */
export async function follow<W extends Work>(
  api: ApiClient,
  started: W,
  options: FollowOptions<W> = {},
): Promise<W> {
  const { onChange = () => {}, slowestMillis = SLOWEST_POLL_MILLIS } = options;
  const { failuresBorne = FAILURES_BORNE } = options;

  let seen = started;
  let failures = 0;
  let wait = Math.min(FIRST_POLL_MILLIS, slowestMillis);
  while (seen.item.finishedAt === null) {
    onChange(seen);
    await new Promise((wake) => setTimeout(wake, wait));
    wait = Math.min(wait * SLOWDOWN, slowestMillis);

    try {
      seen = (await readAgain(api, seen)) as W;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!mayPass(error) || failures > failuresBorne) throw error;
    }
  }
  onChange(seen);
  return seen;
}

async function readAgain(api: ApiClient, work: Work): Promise<Work> {
  switch (work.kind) {
    case "run": {
      const { runId } = work.item;
      return { kind: work.kind, item: await api.call(GetRun, { path: { runId } }) };
    }
    case "collection": {
      const { endpointId, collectionId } = work.item;
      const path = { endpointId, collectionId };
      return { kind: work.kind, item: await api.call(GetCollection, { path }) };
    }
    case "probe": {
      const { probeId } = work.item;
      return { kind: work.kind, item: await api.call(GetProbe, { path: { probeId } }) };
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return (
    error instanceof RefusedError && (error.problem.status === 429 || error.problem.status >= 500)
  );
}
