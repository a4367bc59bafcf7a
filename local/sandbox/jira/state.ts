import { createHash } from "node:crypto";
import type * as site from "../site/answer.ts";
import { createPageTokens, type PageTokens } from "../site/page-token.ts";
import { generateSite, type SiteRecipe } from "./generate-site.ts";
import type { Position } from "./jql-evaluate.ts";
import { createIssueRenderer, type IssueRenderer } from "./render-issue.ts";
import { createSearch, type Search } from "./search.ts";
import type { Site } from "./site.ts";
import { createZone, type Zone } from "./time-zone.ts";

/** A Jira site and what its routes need to answer from it. */
export type JiraState = {
  site: Site;
  /** Of the seed: another site has another. */
  cloudId: string;
  zone: Zone;
  search: Search;
  tokens: PageTokens<Position>;
  renderIssue: IssueRenderer;
};

export type Sandbox = site.Sandbox<JiraState>;
export type Call = site.Call<JiraState>;
export type Route = site.Route<JiraState>;

export function createState(recipe: SiteRecipe): JiraState {
  const zone = createZone(recipe.accountTimezone);
  return {
    site: generateSite(recipe),
    cloudId: createHash("sha256").update(`site ${recipe.seed}`).digest("hex").slice(0, 32),
    zone,
    search: createSearch(),
    tokens: createPageTokens(recipe.seed),
    renderIssue: createIssueRenderer(zone),
  };
}
