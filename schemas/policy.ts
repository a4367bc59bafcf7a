import * as z from "zod";
import { Count, Json } from "./scalars.ts";

/** Makes the rows that land of the rows that were read (docs/transforms.md). */
const Transform = z.strictObject({
  tool: z.enum(["duckdb", "pandas", "spark"]),
  sql: z.string().min(1).max(20_000).optional().describe("For duckdb: one SELECT over `rows`."),
  function: z
    .string()
    .max(300)
    .optional()
    .describe("For pandas and spark: `<package>.<module>:<name>` of an installed transform."),
  filters: z.boolean().optional().describe("Lets the transform leave rows out."),
});

/**
 * What every connector's policy may say. A connector adds keys of its own, which it reads itself;
 * which keys a unit takes, and which values, says the unit's `policySchema`.
 */
export const Policy = z
  .looseObject({
    primaryKeys: z.array(z.string()).optional().describe("Columns that identify a record."),
    cursorField: z.string().optional().describe("The column that orders a record's versions."),
    sequenceField: z.string().optional().describe("Orders versions of one `cursorField`."),
    filters: Json.optional().describe("Narrows what is read. The connector defines the filters."),
    deletes: z.enum(["ignore", "soft", "hard"]).optional(),
    approveDeletes: z.boolean().optional(),
    censusEveryHours: Count.optional(),
    schema: z.enum(["evolve", "freeze", "quarantine"]).optional(),
    keepRaw: z.boolean().optional(),
    allowEmpty: z.boolean().optional(),
    stagingProviderId: z.string().optional(),
    retainStagingDays: Count.optional(),
    mergeEveryMinutes: Count.optional().describe(
      "Minutes between merges of a unit that its schedule reads more often.",
    ),
    transform: Transform.optional(),
  })
  .meta({ id: "Policy" });
export type Policy = z.infer<typeof Policy>;

const { shape } = Policy;
/** A value of another type counts as none: that it is one, the unit's `policySchema` says. */
const Read = z.object({
  primaryKeys: shape.primaryKeys.unwrap().catch([]),
  cursorField: shape.cursorField.catch(undefined),
  filters: shape.filters.unwrap().catch({}),
  deletes: shape.deletes.unwrap().catch("ignore"),
  allowEmpty: shape.allowEmpty.unwrap().catch(false),
  stagingProviderId: shape.stagingProviderId.unwrap().catch("object_store"),
  retainStagingDays: shape.retainStagingDays.unwrap().catch(0),
  mergeEveryMinutes: shape.mergeEveryMinutes.catch(undefined),
  transform: shape.transform.catch(undefined),
});

/** The keys that the control plane obeys, with their defaults. */
export const policyOf = (policy: z.infer<typeof Json>): z.infer<typeof Read> => Read.parse(policy);
