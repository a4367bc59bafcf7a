import { type RunningSite, startSite } from "../site/start-site.ts";
import type { Options } from "./options.ts";
import type { JiraState } from "./state.ts";
import { jira } from "./vendor.ts";

export type RunningSandbox = RunningSite<JiraState>;

/** Generates a Jira site and serves it, as `startSite` says. */
export function startSandbox({ site, recipe }: Options): Promise<RunningSandbox> {
  return startSite(jira(recipe, site.token), site);
}
