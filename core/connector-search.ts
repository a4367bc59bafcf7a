/** Which connector, and which of its methods, a task's words ask for. */
import type { Connector } from "../schemas/connector.ts";
import { wordsOf } from "./search-words.ts";

interface ConnectorQuery {
  readonly search?: string | undefined;
  readonly capability?: string | undefined;
  readonly resource?: string | undefined;
  readonly event?: string | undefined;
  readonly method?: string | undefined;
  readonly kind?: string | undefined;
}

/** What a method is found by. */
export interface MethodWords {
  readonly name: string;
  readonly title: string;
  /** The beginning of its description. */
  readonly about: string;
  readonly resource: string | null;
  readonly safe: boolean;
}

/** A connector and all of its methods; without methods only its own words count. */
interface Candidate {
  readonly connector: Connector;
  readonly methods: readonly MethodWords[];
}

interface Ranked<C extends Candidate> {
  readonly candidate: C;
  /** Those that fit best, at most `MOST_METHODS`; the first ones where nothing was asked. */
  readonly methods: readonly MethodWords[];
}

export const MOST_METHODS = 5;

/**
 * Candidates that fit, best match first, then by name. Not every word must occur, but whoever has
 * more of them comes first: of a sentence, some words are the task's own.
 */
export function rankConnectors<C extends Candidate>(
  candidates: readonly C[],
  query: ConnectorQuery,
): Ranked<C>[] {
  const words = wordsOf(query.search ?? "");
  return candidates
    .filter(({ connector }) => fits(connector, query))
    .map((candidate) => judged(candidate, words, query.method))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (nameOf(a) < nameOf(b) ? -1 : 1))
    .map(({ candidate, methods }) => ({ candidate, methods }));
}

const nameOf = ({ candidate }: { candidate: Candidate }) => candidate.connector.name;

function fits(
  connector: Connector,
  { capability, resource, event, kind }: ConnectorQuery,
): boolean {
  if (kind && connector.kind !== kind) return false;
  if (capability && !connector.capabilities.some((one) => one === capability)) return false;
  if (event && !(connector.events ?? []).some((one) => contains(one, event))) return false;
  return !resource || connector.resources.some(({ name }) => contains(name, resource));
}

const contains = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());

interface Judged<C> {
  readonly candidate: C;
  readonly methods: readonly MethodWords[];
  readonly score: number;
}

function judged<C extends Candidate>(
  candidate: C,
  words: readonly string[],
  method: string | undefined,
): Judged<C> {
  const { connector } = candidate;
  const named = method
    ? candidate.methods.filter(
        ({ name, title }) => contains(name, method) || contains(title, method),
      )
    : candidate.methods;
  if (method && named.length === 0) return { candidate, methods: [], score: 0 };

  const found = named.map((one) => ({ one, weights: weightsIn(methodFields(one), words) }));
  const scored = found.map(({ one, weights }) => ({ one, score: worth(weights) }));
  const best = scored.sort((a, b) => b.score - a.score || (a.one.name < b.one.name ? -1 : 1));
  const own = weightsIn(connectorFields(connector), words);
  // A word counts where it stands best: in the connector, or in one of its methods.
  const all = words.map((_, at) =>
    Math.max(own[at] ?? 0, ...found.map(({ weights }) => weights[at] ?? 0)),
  );

  const score = words.length === 0 ? 1 : worth(all) + (best[0]?.score ?? 0);
  const methods = best.filter(({ score }) => words.length === 0 || score > 0);
  return {
    candidate,
    methods: methods.slice(0, MOST_METHODS).map(({ one }) => one),
    score: score / (connector.status === "active" ? 1 : 1000),
  };
}

/** The share of the words that occur counts twice: half of them is worth a quarter. */
function worth(weights: readonly number[]): number {
  const share = weights.filter((weight) => weight > 0).length / Math.max(1, weights.length);
  return share ** 2 * weights.reduce((sum, weight) => sum + weight, 0);
}

type Field = readonly [weight: number, words: ReadonlySet<string>];

function weightsIn(fields: readonly Field[], words: readonly string[]): number[] {
  return words.map((word) => fields.find(([, known]) => known.has(word))?.[0] ?? 0);
}

const field = (weight: number, ...texts: readonly string[]): Field => [
  weight,
  new Set(texts.flatMap(wordsOf)),
];

function connectorFields(connector: Connector): Field[] {
  const { units, resources } = connector;
  return [
    field(16, connector.name),
    field(8, connector.title),
    field(4, ...[...units, ...resources].map(({ name }) => name)),
    field(2, ...connector.capabilities),
    field(1, connector.description, ...resources.map(({ description }) => description)),
  ];
}

const methodFields = ({ name, title, about, resource }: MethodWords): Field[] => [
  field(6, name, resource ?? ""),
  field(4, title),
  field(1, about),
];
