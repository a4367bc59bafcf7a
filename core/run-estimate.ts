/**
 * Estimates what a run will cost before its config is saved: calls come from the unit's cost model,
 * seconds from the budget.
 */
import { policyOf } from "../schemas/policy.ts";
import type { CostStep, RunEstimate, UnitCost } from "../schemas/run-estimate.ts";
import type { UnitConfig } from "../schemas/unit-config.ts";
import type { Fault } from "./json-schema.ts";

/** Where nothing was measured: a vendor's usual answer, with what becomes of it. */
const ASSUMED_MS_PER_CALL = 250;

/** Records of a dataset, and how that is known. */
export interface KnownRecords {
  readonly records: number;
  readonly basis: "LAST_FULL_READ" | "FIRST_LANDING";
}

/** Figures of the unit's last run. `ofChanges`: it read only what had changed. */
export interface MeasuredRun {
  readonly requests: number;
  readonly durationMs: number;
  readonly ofChanges: boolean;
}

export interface EstimateFacts {
  /** Undefined: the connector says nothing of the unit's cost. */
  readonly cost: UnitCost | undefined;
  /** By dataset; one that nobody has read yet is not in it. */
  readonly known: ReadonlyMap<string, KnownRecords>;
  readonly hasFilters: boolean;
  readonly lastRun: MeasuredRun | undefined;
  readonly requestsPerSecond: number;
  /** Undefined: the vendor counts calls only. */
  readonly pointsPerHour: number | undefined;
}

/** A run that reads everything. */
export function estimateFullRead(facts: EstimateFacts): RunEstimate {
  const { cost, known, hasFilters } = facts;
  if (!cost) return unknownRun(["The connector does not say what reading this unit costs."]);

  const needed = cost.steps.filter(({ onlyWithFilters }) => hasFilters || !onlyWithFilters);
  const steps = needed.map((step) => ({ ...step, ...stepCalls(step, known) }));
  const calls = sum([cost.fixedCalls, ...steps.map((step) => step.calls)]);
  const points =
    facts.pointsPerHour === undefined ? null : sum([calls, ...steps.map(recordPoints)]);
  const counted = [...new Set(needed.map(({ dataset }) => dataset))];
  const unread = counted.filter((dataset) => !known.has(dataset));
  const bases = counted.flatMap((dataset) => known.get(dataset)?.basis ?? []);

  return {
    calls,
    perRecordCalls: sum(steps.filter(isPerRecord).map((step) => step.calls)),
    points,
    seconds: secondsOf(calls, points, facts),
    basis:
      unread.length > 0
        ? "UNKNOWN"
        : (bases.find((basis) => basis === "FIRST_LANDING") ?? "LAST_FULL_READ"),
    steps: steps.map(({ what, records, calls }) => ({ what, records, calls })),
    assumptions: [
      ...unread.map(
        (dataset) => `No run has read ${dataset} yet, so the number of its records is unknown.`,
      ),
      ...shareAssumptions(needed),
      ...(hasFilters ? ["Counted without the filters, so this is an upper bound."] : []),
      ...timeAssumptions(facts),
    ],
  };
}

/**
 * A run that reads what changed since: as the last one was, for changes are not known before they
 * happen.
 */
export function estimateChangesRead(facts: EstimateFacts): RunEstimate {
  const { lastRun } = facts;
  if (!lastRun?.ofChanges) return unknownRun(["No run has read only changes yet."]);
  if (lastRun.requests === 0)
    return unknownRun([
      "The last run did not read the source: it landed staged or quarantined records.",
    ]);

  return {
    calls: lastRun.requests,
    perRecordCalls: null,
    points: null,
    seconds: secondsOf(lastRun.requests, null, facts),
    basis: "LAST_RUN",
    steps: [],
    assumptions: ["As much changes as it did before the last run.", ...timeAssumptions(facts)],
  };
}

/**
 * Refuses a config that would make more calls of one record each than are allowed. An unknown
 * number refuses nothing.
 */
export function estimateFaults(
  { perRecordCalls }: RunEstimate,
  cost: UnitCost | undefined,
  most: number,
): Fault[] {
  if (perRecordCalls === null || perRecordCalls <= most) return [];

  const oneByOne = (cost?.steps ?? [])
    .filter(isPerRecord)
    .map((step) => step.what)
    .join(", ");
  const message =
    `leaves about ${perRecordCalls} calls of one record each (${oneByOne}), ` +
    `and ${most} are allowed. ` +
    "Narrow it, or raise rateLimit.maxPerRecordCalls in the endpoint's config";

  return [{ path: "policy.filters", message }];
}

/** What saving the config would change without saying so. */
export function changeWarnings(
  before: Pick<UnitConfig, "policy"> | undefined,
  after: Pick<UnitConfig, "policy">,
  hasCheckpoint: boolean,
): string[] {
  if (!before || !hasCheckpoint) return [];
  const [was, is] = [before, after].map(({ policy }) => JSON.stringify(policyOf(policy).filters));
  if (was === is) return [];

  return [
    "policy.filters changes what is read: the next run reads the history of what is added in " +
      "full, which the estimate leaves out. Rows of what is left out stay as they are.",
  ];
}

const isPerRecord = ({ recordsPerCall }: CostStep) => recordsPerCall === 1;

function stepCalls({ dataset, recordsPerCall, share }: CostStep, known: EstimateFacts["known"]) {
  const all = known.get(dataset)?.records;
  if (all === undefined) return { records: null, calls: null };
  const records = Math.ceil(all * share);
  return { records, calls: Math.ceil(records / recordsPerCall) };
}

const msPerCall = ({ lastRun }: EstimateFacts) =>
  lastRun && lastRun.requests > 0 ? lastRun.durationMs / lastRun.requests : ASSUMED_MS_PER_CALL;

const recordPoints = ({
  records,
  pointsPerRecord,
}: {
  records: number | null;
  pointsPerRecord: number;
}) => (records === null ? null : records * pointsPerRecord);

/**
 * Calls come one after another, never faster than the budget lets them, and what they cost at the
 * hour's pace.
 */
function secondsOf(
  calls: number | null,
  points: number | null,
  facts: EstimateFacts,
): number | null {
  if (calls === null) return null;
  const called = calls * Math.max(1 / facts.requestsPerSecond, msPerCall(facts) / 1000);
  const { pointsPerHour = 0 } = facts;
  const paid =
    points === null ? 0 : Math.max(0, points - pointsPerHour / 5) / ((pointsPerHour * 0.8) / 3600);
  return Math.ceil(Math.max(called, paid));
}

function timeAssumptions(facts: EstimateFacts): string[] {
  const measured = facts.lastRun !== undefined && facts.lastRun.requests > 0;
  const each = `${Math.round(msPerCall(facts))} ms`;
  return [
    measured
      ? `A call takes ${each}, as in the last run.`
      : `A call takes ${each}; none was measured yet.`,
  ];
}

function shareAssumptions(steps: readonly CostStep[]): string[] {
  const guessed = steps.filter(({ share }) => share < 1);
  return guessed.map(
    ({ what, dataset, share }) => `${100 * share} % of ${dataset} need it: ${what}.`,
  );
}

const sum = (parts: readonly (number | null)[]): number | null =>
  parts.includes(null) ? null : parts.reduce<number>((total, part) => total + (part ?? 0), 0);

const unknownRun = (assumptions: string[]): RunEstimate => ({
  calls: null,
  perRecordCalls: null,
  points: null,
  seconds: null,
  basis: "UNKNOWN",
  steps: [],
  assumptions,
});
