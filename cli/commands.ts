/**
 * Which words call which operation: a rule over method and path, and a few names where the rule
 * reads badly.
 */

import { OPERATIONS } from "../schemas/api.ts";
import type { Operation } from "../schemas/operation.ts";
import { EXAMPLES } from "./examples.ts";

export interface Command {
  /** `["units", "configure"]`, or one word for what has no noun. */
  readonly words: readonly string[];
  readonly operation: Operation;
  /** Positional arguments in order: path parameters, then the body's fields of that name. */
  readonly args: readonly string[];
  readonly examples: readonly string[];
  /** Its verb in earlier versions: understood, and shown nowhere. */
  readonly formerVerb: string | undefined;
}

/** Words (and body fields as arguments) of operations for which the rule's words would surprise. */
const CHOSEN: Readonly<
  Record<string, { words: string; bodyArgs?: readonly string[]; formerVerb?: string }>
> = {
  listDatasetFields: { words: "datasets fields" },
  listDatasetEntries: { words: "datasets entries" },
  listFieldChanges: { words: "collections field-changes" },
  listKbNodes: { words: "kb list", formerVerb: "nodes-list" },
  getKbNode: { words: "kb get", formerVerb: "nodes-get" },
  getKbLineage: { words: "kb lineage", formerVerb: "nodes-lineage" },
  getConnectorVersion: { words: "connectors version" },
  registerConnector: { words: "connectors register" },
  createConnectorUpload: { words: "connectors upload" },
  patchConnectorVersion: { words: "connectors update" },
  getConnectorRegistration: { words: "connectors registration" },
  listConnectorMethods: { words: "connectors methods" },
  postEndpoint: { words: "endpoints register" },
  putUnitConfig: { words: "units configure" },
  rollbackCheckpoint: { words: "units rollback" },
  planUnitConfig: { words: "units plan" },
  redriveQuarantine: { words: "units redrive" },
  discardQuarantine: { words: "units discard" },
  refillUnit: { words: "units refill" },
  startRun: { words: "runs start", bodyArgs: ["endpointId", "unitId"] },
  callMethod: { words: "methods call" },
  postGraphql: { words: "graphql" },
  authorizeOauth: { words: "endpoints connect" },
  completeOauth: { words: "oauth complete" },
  rotateCredentials: { words: "endpoints credentials rotate" },
  getOauthCallback: { words: "oauth callback" },
  postMcp: { words: "agents message" },
  findMethods: { words: "methods find" },
  testTransform: { words: "transforms test" },
};

const VERB = { GET: "get", POST: "create", PUT: "set", PATCH: "update", DELETE: "delete" } as const;

/** Every operation as a command, in the order of their words. */
export const COMMANDS: readonly Command[] = OPERATIONS.map(commandOf).sort((a, b) =>
  a.words.join(" ") < b.words.join(" ") ? -1 : 1,
);

function commandOf(operation: Operation): Command {
  const chosen = CHOSEN[operation.id];
  const words = chosen ? chosen.words.split(" ") : wordsOf(operation);
  const params = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  return {
    words,
    operation,
    args: [...params, ...(chosen?.bodyArgs ?? [])],
    examples: EXAMPLES[words.join(" ")] ?? [],
    formerVerb: chosen?.formerVerb,
  };
}

/**
 * `GET /sinks` → sinks list; `DELETE /sinks/{sinkId}` → sinks delete; `POST /sinks/{sinkId}/test` →
 * sinks test.
 */
export function wordsOf(
  operation: Pick<Operation, "method" | "path" | "answers">,
): readonly string[] {
  const { method, path, answers } = operation;
  const groups = literalGroups(path);
  const endsInParam = path.endsWith("}");
  const tail = endsInParam ? [] : (groups.at(-1) ?? []);
  const owner = endsInParam ? groups.at(-1) : groups.at(-2);
  const isList = method === "GET" && Object.values(answers).some(isPage);
  if (endsInParam && owner) return named(owner, VERB[method]);
  // Of what is not counted, an owner has one: its log, its quarantine.
  if (isList && (!owner || tail.at(-1)?.endsWith("s"))) return named(tail, "list");
  if (!owner) return method === "GET" ? [tail.join("-")] : named(tail, VERB[method]);
  const action = tail.join("-");
  return named(owner, method === "GET" || method === "POST" ? action : `${VERB[method]}-${action}`);
}

/** `/kb/nodes/{id}/lineage` → [[kb, nodes], [lineage]]. */
function literalGroups(path: string): string[][] {
  return path
    .replace(/\.json$/, "")
    .split(/\{\w+\}/)
    .map((part) => part.split("/").filter(Boolean))
    .filter((part) => part.length > 0);
}

function named([noun = "", ...rest]: readonly string[], verb: string): readonly string[] {
  return [noun, [...rest, verb].join("-")];
}

function isPage(answer: unknown): boolean {
  const shape = (answer as { shape?: Record<string, unknown> } | null)?.shape;
  return shape !== undefined && "items" in shape && "nextCursor" in shape;
}
