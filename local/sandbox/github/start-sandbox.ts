import { parseArgs } from "node:util";
import { SITE_FLAGS, siteOptions, wholeNumberOf } from "../site/options.ts";
import { type RunningSite, startSite } from "../site/start-site.ts";
import type { GithubState } from "./state.ts";
import { github } from "./vendor.ts";

/**
 * Generates the repositories and serves them, as `startSite` says. Throws an Error that names the
 * flag if one is unknown or not what it should be.
 */
export async function startSandbox(args: readonly string[]): Promise<RunningSite<GithubState>> {
  const issues = { issues: { type: "string", default: "120" } } as const;
  const { values } = parseArgs({ args: [...args], options: { ...SITE_FLAGS, ...issues } });
  const site = siteOptions(values);

  const recipe = { seed: site.seed, issues: wholeNumberOf("issues", values.issues) };
  return startSite(github(recipe, site.token), site);
}
