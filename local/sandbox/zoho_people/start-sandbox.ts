import { parseArgs } from "node:util";
import { SITE_FLAGS, siteOptions, wholeNumberOf } from "../site/options.ts";
import { type RunningSite, startSite } from "../site/start-site.ts";
import type { PeopleState } from "./state.ts";
import { zohoPeople } from "./vendor.ts";

/**
 * Generates the organisation and serves it, as `startSite` says. Throws an Error that names the
 * flag if one is unknown or not what it should be.
 */
export async function startSandbox(args: readonly string[]): Promise<RunningSite<PeopleState>> {
  const employees = { employees: { type: "string", default: "450" } } as const;
  const { values } = parseArgs({ args: [...args], options: { ...SITE_FLAGS, ...employees } });
  const site = siteOptions(values);

  const recipe = { seed: site.seed, employees: wholeNumberOf("employees", values.employees) };
  return startSite(zohoPeople(recipe, site.token), site);
}
