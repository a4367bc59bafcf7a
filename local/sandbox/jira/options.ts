import { parseArgs } from "node:util";
import { SITE_FLAGS, type SiteOptions, siteOptions, wholeNumberOf } from "../site/options.ts";
import type { SiteRecipe } from "./generate-site.ts";

export type Options = { site: SiteOptions; recipe: SiteRecipe };

export const DEFAULT_USER = "sandbox@example.com";

/**
 * Reads the command line. Throws an Error that names the flag if one is unknown or not what it
 * should be.
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...SITE_FLAGS,
      issues: { type: "string", default: "3000" },
      "body-bytes": { type: "string" },
      user: { type: "string", default: DEFAULT_USER },
      "account-timezone": { type: "string", default: "Europe/Berlin" },
    },
  });

  const site = siteOptions(values);
  const bodyBytes = values["body-bytes"];
  return {
    site,
    recipe: {
      seed: site.seed,
      issues: wholeNumberOf("issues", values.issues),
      bodyBytes: bodyBytes === undefined ? undefined : wholeNumberOf("body-bytes", bodyBytes),
      user: values.user,
      accountTimezone: values["account-timezone"],
    },
  };
}
