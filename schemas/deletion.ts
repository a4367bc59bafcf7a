/** What a deletion removes, part by part, in this order. */

export const ENDPOINT_PARTS = [
  /** Staged slices of its runs. */
  "staged",
  /** Connection tests and previews, with their rows. */
  "probes",
  /** With the lists of files that runs landed, and the results of calls that no item holds. */
  "quarantine",
  /**
   * With whatever else is in its partition of `hot`: breakers, kept answers, leases and sealed
   * tokens; and authorizations under way.
   */
  "budget",
  "credentials",
  "knowledge",
  /** With artifacts. */
  "runs",
  /**
   * Catalogue, configs, states, checkpoints, collections, calls, settings: their keys name the
   * units whose runs are removed.
   */
  "units",
  /** Kept for repeated requests. */
  "answers",
  /** Written with runs, states and collections only: none comes any more. */
  "events",
] as const;
export type EndpointPart = (typeof ENDPOINT_PARTS)[number];

/** Of a tenant whose endpoints are gone. */
export const TENANT_PARTS = [
  /** With their credentials and probes. */
  "sinks",
  /** Of endpoints that nobody knows any more. */
  "runs",
  "events",
  /** Of the staging bucket: slices, catalogues, previews, quarantine, results, documents. */
  "objects",
  /** Answers kept for repeated requests, the request rate, budgets of provider apps. */
  "hot",
  "knowledge",
  /** Its own connectors, transforms, usage, and whatever else is keyed by the tenant alone. */
  "rest",
] as const;
export type TenantPart = (typeof TENANT_PARTS)[number];

export interface EndpointAddress {
  tenantId: string;
  endpointId: string;
}
/** Where a deletion goes on after a history was continued as new. */
export interface RemovalPosition<Part> {
  part: Part;
  after: string | null;
}
/** `resume` is set by continue-as-new only. */
export interface EndpointDeletionInput extends EndpointAddress {
  resume: RemovalPosition<EndpointPart> | null;
}
export interface TenantDeletionInput {
  tenantId: string;
  resume: RemovalPosition<TenantPart> | null;
}
/** From `quietAt` on no request that began before the deletion is under way. */
export interface DeletionBegun {
  quietAt: string;
}
/** `after` is null at the start of a part; `next` is where to go on, null at its end. */
export interface RemovalStep {
  next: string | null;
}
