import * as z from "zod";
import { Id } from "./scalars.ts";

/** A record that a run could not land, set aside with its reason. */
export const QuarantinedRecord = z
  .strictObject({
    recordId: Id.describe("Identifies the record for a redrive or a discard."),
    runId: Id.describe("The run that set it aside."),
    key: z
      .string()
      .nullable()
      .describe("Id of the record in the source. Null when it cannot be read."),
    code: z.string(),
    reason: z.string().describe("Error of the latest attempt, redrives included."),
    raw: z.string().describe("The record as the source sent it."),
    rawCut: z.boolean().describe("Whether `raw` is only the beginning of a larger record."),
    state: z
      .enum(["QUARANTINED", "DISCARDED"])
      .describe("`DISCARDED`: it no longer keeps the unit's runs from being `COMPLETE`."),
  })
  .meta({ id: "QuarantinedRecord" });
export type QuarantinedRecord = z.infer<typeof QuarantinedRecord>;

/**
 * Which quarantined records of a unit are tried again, or discarded: those that fit every member,
 * all of them without any.
 */
export const RedriveInput = z
  .strictObject({
    recordIds: z.array(Id).min(1).max(100).optional().describe("Only these records."),
    runId: Id.optional().describe("Only records that this run set aside."),
    code: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe("Only records that were set aside with this code."),
  })
  .meta({ id: "RedriveInput" });
export type RedriveInput = z.infer<typeof RedriveInput>;

/** What a run of the quarantine does: it tries the records again, or discards them. */
export const QuarantinePlan = RedriveInput.extend({
  discard: z
    .boolean()
    .optional()
    .describe("The records are not tried: what they say counts no more."),
}).meta({ id: "QuarantinePlan" });
export type QuarantinePlan = z.infer<typeof QuarantinePlan>;
