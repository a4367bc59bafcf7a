import * as z from "zod";
import { Id } from "./scalars.ts";

/** A record that a run could not land, set aside with its reason. */
export const QuarantinedRecord = z
  .strictObject({
    runId: Id,
    key: z.string().nullable().describe("What the source calls the record; null where that cannot be read."),
    code: z.string(),
    reason: z.string(),
    raw: z.string().describe("The record as the source sent it."),
    rawCut: z.boolean().describe("Whether `raw` is only the beginning of a larger record."),
  })
  .meta({ id: "QuarantinedRecord" });
export type QuarantinedRecord = z.infer<typeof QuarantinedRecord>;
