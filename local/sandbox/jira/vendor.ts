import type { Sandbox as SiteSandbox } from "../site/answer.ts";
import type { Vendor } from "../site/vendor.ts";
import { changelogRoutes } from "./changelog-routes.ts";
import { directoryRoutes } from "./directory-routes.ts";
import { editRoutes } from "./edit-routes.ts";
import type { SiteRecipe } from "./generate-site.ts";
import { issueRoutes } from "./issue-routes.ts";
import { gone, refusals } from "./refusals.ts";
import { searchRoutes } from "./search-routes.ts";
import { createState, type JiraState } from "./state.ts";
import { truth } from "./truth.ts";
import { siteViewer } from "./visible-site.ts";
import { worklogFeedRoutes } from "./worklog-feed-routes.ts";
import { writeRoutes } from "./write-routes.ts";

/** Jira Cloud, REST v3, with one account that signs in by its address and an API token. */
export function jira(recipe: SiteRecipe, token: string): Vendor<JiraState> {
  const account = Buffer.from(`${recipe.user}:${token}`).toString("base64");
  const view = siteViewer();
  const seenBy = (sandbox: SiteSandbox<JiraState>) => ({
    ...sandbox,
    site: view(sandbox.site, sandbox.faults.hidden()),
  });

  return {
    generate: () => createState(recipe),
    seenBy,
    // The cloud id is told beside the API, not below it.
    api: /^(?:\/rest\/api\/(?:3|latest)(?=\/)|(?=\/_edge\/tenant_info$))(\/.*)$/,
    routes: [
      ...searchRoutes,
      ...issueRoutes,
      ...changelogRoutes,
      ...worklogFeedRoutes,
      ...directoryRoutes,
      ...writeRoutes,
    ],
    removed: {
      addresses: /^\/rest\/api\/(2|3|latest)\/search\/?$/,
      path: "/search",
      answer: gone,
    },
    edits: editRoutes,
    truth,
    credentials: {
      authorization: `Basic ${account}`,
      open: new Set(["/serverInfo", "/_edge/tenant_info"]),
    },
    refusals,
  };
}
