/**
 * How much a field of the contract may read: what the cost of a document is counted by
 * (`limits.ts`).
 */
import { DomainError } from "../../schemas/errors.ts";

/** The contract has no pages: a tenant with more endpoints than these lists them through REST. */
export const ENDPOINTS_SHOWN = 500;
export const RUNS_SHOWN = 100;
export const RUNS_UNASKED = 25;
/**
 * Of one endpoint: its datasets, units, configs and states. Vendors have some ten; more are listed
 * through REST.
 */
const OF_ENDPOINT = 200;
/** Of all endpoints together: lists under many endpoints are read for all of them at once. */
const OF_TENANT = 1000;
const MUTATION = 50;

export interface ListSize {
  /** For each object that the field is asked of. */
  readonly each: number;
  /** For all of them together, where that is less. */
  readonly all?: number;
}

/** What is not here hangs on what was read already, and reads nothing. */
export const SIZES: Readonly<Record<string, ListSize>> = {
  "Query.metadataEndpointTemplates": { each: 50 },
  "Query.metadataEndpoints": { each: ENDPOINTS_SHOWN },
  "Query.datasets": { each: OF_ENDPOINT },
  "Query.ingestionUnits": { each: OF_ENDPOINT },
  "Query.ingestionUnitConfigs": { each: OF_ENDPOINT },
  "Query.ingestionStatuses": { each: OF_ENDPOINT },
  "Query.ingestionRuns": { each: RUNS_SHOWN },
  "Query.ingestionCheckpointHistory": { each: 20 },
  "MetadataEndpoint.ingestionConfigs": { each: OF_ENDPOINT, all: OF_TENANT },
  "IngestionUnitConfig.lastStatus": { each: 1, all: OF_TENANT },
  "IngestionStatus.checkpoint": { each: 1 },
  "Dataset.ingestionConfig": { each: 1, all: OF_ENDPOINT },
};

/** Throws `VALIDATION_ERROR` for a list that is longer than it is counted for. */
export function checkSize<T>(list: readonly T[], what: string, path: string): readonly T[] {
  if (list.length <= OF_ENDPOINT) return list;
  const remedy = `List them in pages: GET ${path}.`;
  throw new DomainError(
    "VALIDATION_ERROR",
    `The endpoint has more than ${OF_ENDPOINT} ${what}. ${remedy}`,
  );
}

/**
 * Throws `VALIDATION_ERROR` for a list that ended by bytes, before its limit: the contract has no
 * pages to go on with.
 */
export function checkWhole<T>(
  { items, next }: { readonly items: readonly T[]; readonly next: string | null },
  limit: number,
  path: string,
): readonly T[] {
  if (next === null || items.length >= limit) return items;
  throw new DomainError(
    "VALIDATION_ERROR",
    `The list is larger than an answer. List it in pages: GET ${path}.`,
  );
}

/**
 * What a field may read for each object that it is asked of; a list that takes a `limit` says how
 * much itself.
 */
export function sizeOf(typeName: string, field: string, limit: unknown): ListSize {
  if (typeName === "Mutation") return { each: MUTATION };
  const size = SIZES[`${typeName}.${field}`];
  if (!size || field !== "ingestionRuns") return size ?? { each: 0 };
  const asked = typeof limit === "number" ? limit : RUNS_UNASKED;
  return { each: Math.min(RUNS_SHOWN, Math.max(1, asked)) };
}
