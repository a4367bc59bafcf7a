import * as z from "zod";
import { Policy } from "./policy.ts";
import { RateLimit } from "./rate-limit.ts";
import { Count, Id } from "./scalars.ts";

/** Calls that the records of a dataset cost. `recordsPerCall: 1` is one call per record. */
export const CostStep = z
  .strictObject({
    what: z.string(),
    dataset: z.string().describe("Dataset whose records are counted. Not always the unit's own."),
    recordsPerCall: z.int().min(1),
    share: z
      .number()
      .min(0)
      .max(1)
      .describe("Part of the records that need these calls. 1 means all."),
    onlyWithFilters: z
      .boolean()
      .describe("True when the calls are needed only if `policy.filters` narrows what is read."),
    pointsPerRecord: Count.describe(
      "Points for each record, in addition to one for each call, where the vendor counts in " +
        "points.",
    ),
  })
  .meta({ id: "CostStep" });
export type CostStep = z.infer<typeof CostStep>;

/** What reading everything costs. What a later incremental run costs is measured, not modelled. */
export const UnitCost = z
  .strictObject({
    fixedCalls: Count.describe("Calls that do not depend on the number of records."),
    steps: z.array(CostStep),
  })
  .meta({ id: "UnitCost" });
export type UnitCost = z.infer<typeof UnitCost>;

const ESTIMATE_BASIS = ["LAST_FULL_READ", "FIRST_LANDING", "LAST_RUN", "UNKNOWN"] as const;

/** What one run will cost. Null means that nothing is known to estimate it from. */
export const RunEstimate = z
  .strictObject({
    calls: Count.nullable(),
    perRecordCalls: Count.nullable().describe("Of these, the calls of one record each."),
    points: Count.nullable().describe(
      "Points that the vendor counts. Null when unknown, and where the vendor counts calls.",
    ),
    seconds: Count.nullable(),
    basis: z.enum(ESTIMATE_BASIS).describe("Where the number of records comes from."),
    steps: z.array(
      z.strictObject({ what: z.string(), records: Count.nullable(), calls: Count.nullable() }),
    ),
    assumptions: z.array(z.string()),
  })
  .meta({ id: "RunEstimate" });
export type RunEstimate = z.infer<typeof RunEstimate>;

/** Answer of `POST …/config/plan`: what saving the config would mean. Nothing is saved. */
export const UnitEstimate = z
  .strictObject({
    endpointId: Id,
    unitId: z.string(),
    valid: z.boolean().describe("Whether PUT would accept this config."),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
    warnings: z.array(z.string()),
    deletes: Policy.shape.deletes
      .unwrap()
      .describe(
        "What runs do with rows whose record is gone: as said, or the default of the unit.",
      ),
    nextRun: RunEstimate,
    laterRuns: RunEstimate.nullable().describe(
      "Each later run, when later runs read only what changed.",
    ),
    maxPerRecordCalls: RateLimit.shape.maxPerRecordCalls,
  })
  .meta({ id: "UnitEstimate" });
export type UnitEstimate = z.infer<typeof UnitEstimate>;
