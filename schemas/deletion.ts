/** What a deletion removes, part by part, in this order: what others are found by goes last. */

export const ENDPOINT_PARTS = [
  /** Staged slices of its runs. */
  "staged",
  /** Connection tests and previews, with their rows. */
  "probes",
  "quarantine",
  "events",
  /** Kept for repeated requests. */
  "answers",
  "credentials",
  "knowledge",
  /** With artifacts. */
  "runs",
  /** Catalogue, configs, states, checkpoints, collections: their keys name the units whose runs are removed. */
  "units",
] as const;
export type EndpointPart = (typeof ENDPOINT_PARTS)[number];

/** Of a tenant whose endpoints are gone. */
export const TENANT_PARTS = [
  /** With their credentials and probes. */
  "sinks",
  /** Of endpoints that nobody knows any more. */
  "runs",
  "events",
  /** Of the staging bucket: slices, catalogues, previews, quarantine. */
  "objects",
  /** Answers kept for repeated requests, the request rate, budgets. */
  "hot",
  "knowledge",
  /** Usage, and whatever else is keyed by the tenant alone. */
  "rest",
] as const;
export type TenantPart = (typeof TENANT_PARTS)[number];
