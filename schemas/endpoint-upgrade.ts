import * as z from "zod";
import { Endpoint } from "./endpoint.ts";
import { Json, VersionNumber } from "./scalars.ts";

export const UpgradeInput = z
  .strictObject({
    version: VersionNumber.optional().describe(
      "A published version. Default: the newest active one.",
    ),
    dryRun: z.boolean().default(false).describe("Shows what would change, and changes nothing."),
  })
  .meta({ id: "UpgradeInput" });
export type UpgradeInput = z.infer<typeof UpgradeInput>;

/** What another version of its connector means for an endpoint. */
export const EndpointUpgrade = z
  .strictObject({
    applied: z.boolean().describe("False for a dry run, and when nothing changed."),
    from: VersionNumber,
    to: VersionNumber,
    config: z.strictObject({
      added: Json.describe("Keys that are new in the version, each with its default."),
      removed: z.array(z.string()).describe("Keys that the version no longer has."),
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
        "Units whose policy schema differs, each with what to correct in its config after the " +
          "upgrade.",
      ),
    endpoint: Endpoint.describe("The endpoint as it is now."),
  })
  .meta({ id: "EndpointUpgrade" });
export type EndpointUpgrade = z.infer<typeof EndpointUpgrade>;
