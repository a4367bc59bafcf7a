import { canonicalSha256 } from "../site/canonical-json.ts";
import type { Vendor } from "../site/vendor.ts";
import { contentRoutes } from "./content-routes.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { issueRoutes, shown } from "./issue-routes.ts";
import { pullRoutes } from "./pull-routes.ts";
import { refusals } from "./refusals.ts";
import { createState, type GithubRecipe, type GithubState, type Sandbox } from "./state.ts";

/** GitHub's REST API, with one account that has a token. */
export function github(recipe: GithubRecipe, token: string): Vendor<GithubState> {
  return {
    generate: () => createState(recipe),
    seenBy: (sandbox) => sandbox,
    // Of GitHub Enterprise Server, it lies below a path.
    api: /^(?:\/api\/v3(?=\/))?(\/.*)$/,
    routes: [...issueRoutes, ...pullRoutes, ...contentRoutes, ...deliveryRoutes],
    edits: [],
    truth: { issues: issueRows },
    credentials: { authorization: `Bearer ${token}`, open: new Set() },
    refusals,
  };
}

function issueRows({ repositories }: Sandbox) {
  return [...repositories.values()].flatMap((repository) =>
    [...repository.issues.values()].map((issue) => ({
      id: String(issue.number),
      updatedMs: issue.updatedMs,
      sha256: canonicalSha256(shown({ repository }, issue)),
    })),
  );
}
