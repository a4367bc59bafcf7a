/**
 * Names of nodes. Each says whose it is, so that a node is found, and its endpoint's nodes are
 * deleted, by key.
 */
import { type METADATA_TYPE, TENANT_SCOPE } from "../schemas/knowledge-node.ts";

const SEPARATOR = "::";

/** First part of the logical ids of a type; an entity's is the type itself. */
const KIND: Record<(typeof METADATA_TYPE)[number], string> = {
  endpoint: "endpoint",
  "catalog.dataset": "catalog",
  "ingestion.unit": "ingestion",
  "ingestion.run": "run",
  artifact: "artifact",
  sink: "sink",
};

export const nodeId = {
  endpoint: (endpointId: string) => join(KIND.endpoint, endpointId),
  dataset: (endpointId: string, name: string) => join(KIND["catalog.dataset"], endpointId, name),
  unit: (endpointId: string, unitId: string) => join(KIND["ingestion.unit"], endpointId, unitId),
  run: (endpointId: string, runId: string) => join(KIND["ingestion.run"], endpointId, runId),
  artifact: (endpointId: string, artifactId: string) => join(KIND.artifact, endpointId, artifactId),
  sink: (sinkId: string) => join(KIND.sink, sinkId),
  /**
   * A source's own id may hold any character: what a logical id may not is written as `~` and its
   * hexadecimal bytes.
   */
  entity: (entityType: string, endpointId: string, id: string) =>
    join(entityType, endpointId, escaped(id)),
} as const;

/** Start of the logical ids of all nodes of a type in a scope. */
export function idPrefix(entityType: string, scope: string): string {
  const kind = KIND[entityType as keyof typeof KIND] ?? entityType;
  return scope === TENANT_SCOPE ? `${kind}${SEPARATOR}` : join(kind, scope);
}

/** The endpoint that a node hangs on, or `tenant`. */
export function scopeOf(logicalId: string): string {
  const [kind, owner] = logicalId.split(SEPARATOR);
  return kind === KIND.sink ? TENANT_SCOPE : (owner ?? TENANT_SCOPE);
}

const join = (...parts: string[]) => parts.join(SEPARATOR);

const PLAIN = /[A-Za-z0-9_.:-]/;

function escaped(id: string): string {
  return [...id]
    .map((character) => (PLAIN.test(character) ? character : tilde(character)))
    .join("");
}

const tilde = (character: string) =>
  [...new TextEncoder().encode(character)]
    .map((byte) => `~${byte.toString(16).padStart(2, "0")}`)
    .join("");
