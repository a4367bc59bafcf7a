import * as z from "zod";
import { Endpoint } from "./endpoint.ts";
import { Json, VersionNumber } from "./scalars.ts";

export const UpgradeInput = z
  .strictObject({
    version: VersionNumber.optional().describe(
      "A published version; the newest active one when left out.",
    ),
    dryRun: z.boolean().default(false).describe("Only show what would change."),
  })
  .meta({ id: "UpgradeInput" });
export type UpgradeInput = z.infer<typeof UpgradeInput>;

/** What another version of its connector means for an endpoint. */
export const EndpointUpgrade = z
  .strictObject({
    applied: z.boolean().describe("False for a dry run, and where nothing changes."),
    from: VersionNumber,
    to: VersionNumber,
    config: z.strictObject({
      added: Json.describe("Keys that the version brings, with the default that each gets."),
      removed: z.array(z.string()).describe("Keys that the version does not know any more."),
    }),
    units: z.strictObject({ added: z.array(z.string()), removed: z.array(z.string()) }),
    policies: z
      .array(
        z.strictObject({
          unitId: z.string(),
          errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
        }),
      )
      .describe(
        "Units whose policy schema differs, each with what to correct in the unit's config afterwards.",
      ),
    endpoint: Endpoint.describe("As it is now."),
  })
  .meta({ id: "EndpointUpgrade" });
export type EndpointUpgrade = z.infer<typeof EndpointUpgrade>;
