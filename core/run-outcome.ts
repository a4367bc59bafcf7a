import type { Evidence, RunStats } from "../schemas/run.ts";
import type { Mode } from "../schemas/scalars.ts";
import { isAccountedFor } from "./run-stats.ts";

/** What a run that read everything and committed it may call itself. */
export type Outcome = "COMPLETE" | "PARTIAL" | "SUSPICIOUS";

/**
 * Evidence of one kind that a run lists: a source with ten thousand odd records must not outgrow
 * the run item.
 */
const LISTED = 10;
const LONGEST_MESSAGE = 500;

/** Never green on no evidence (decision 9): doubt outweighs gaps, gaps outweigh success. */
export function runOutcome(evidence: readonly Evidence[]): Outcome {
  if (evidence.some((e) => e.weight === "suspicious")) return "SUSPICIOUS";
  return evidence.some((e) => e.weight === "partial") ? "PARTIAL" : "COMPLETE";
}

interface FinishedFigures {
  readonly mode: Mode;
  readonly stats: RunStats;
  /** Rows that the full run before read. */
  readonly landedBefore: number | null;
  /** The policy says that the source really is empty. */
  readonly allowEmpty: boolean;
  /** What was read was held as a whole, so none of it is accounted for: `SNAPSHOT_HELD`. */
  readonly held: boolean;
}

/**
 * What the figures themselves say, beside what the data plane reported. What `quarantined` weighs
 * it reports itself, since that depends on earlier runs and on what people discarded.
 */
export function figuresEvidence(run: FinishedFigures): Evidence[] {
  const { stats } = run;
  const found: Evidence[] = [];

  if (!run.held && !isAccountedFor(stats)) {
    const parts =
      `${stats.landed} landed, ${stats.deduplicated} deduplicated, ` +
      `${stats.quarantined} quarantined, ${stats.filtered ?? 0} filtered`;
    found.push({
      code: "ACCOUNTING",
      weight: "suspicious",
      message: `Of ${stats.read} rows read: ${parts}.`,
    });
  }
  if (run.mode === "FULL" && stats.read === 0 && (run.landedBefore ?? 0) > 0 && !run.allowEmpty) {
    const message = `The source shows no rows. The previous full run read ${run.landedBefore}.`;
    found.push({ code: "SUSPICIOUS_EMPTY", weight: "suspicious", message });
  }

  return found;
}

/**
 * Joins evidence without repeating it, the weightiest first: of each kind the first ten, and how
 * many more there are.
 */
export function mergeEvidence(...parts: readonly (readonly Evidence[])[]): Evidence[] {
  const kinds = new Map<string, Evidence[]>();
  for (const one of parts.flat()) {
    const kind = `${one.weight}|${one.code}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  const weight = { suspicious: 0, partial: 1, info: 2 };
  return [...kinds.values()].flatMap(summedUp).sort((a, b) => weight[a.weight] - weight[b.weight]);
}

/** `all` have one code and weight. Summing what is summed adds up. */
function summedUp(all: readonly Evidence[]): Evidence[] {
  const distinct = [
    ...new Map(all.filter(({ more }) => !more).map((one) => [one.message, one])).values(),
  ];
  const listed = distinct.slice(0, LISTED).map(({ code, weight, message }) => ({
    code,
    weight,
    message: message.slice(0, LONGEST_MESSAGE),
  }));
  const more = all.reduce((sum, one) => sum + (one.more ?? 0), distinct.length - listed.length);

  const [first] = all;
  if (!first || more === 0) return listed;

  return [
    ...listed,
    {
      code: first.code,
      weight: first.weight,
      message: `${more} more like these are not listed.`,
      more,
    },
  ];
}
