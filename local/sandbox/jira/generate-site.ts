import { createRandom, type Random } from "../site/random.ts";
import { createProse } from "./documents.ts";
import { generateIssues, type IssueSeeds, LAST_UPDATED_MS } from "./generate-issues.ts";
import { generatePeople } from "./generate-people.ts";
import { generateProjects } from "./generate-projects.ts";
import { generateThreads } from "./generate-threads.ts";
import { plantCommentOddities, plantIssueOddities } from "./oddities.ts";
import type { FeedEntry, Issue, Site } from "./site.ts";

export type SiteRecipe = {
  seed: number;
  issues: number;
  /** Length of an ordinary description in characters; without it lengths vary. */
  bodyBytes: number | undefined;
  /** Of the account that asks. */
  user: string;
  accountTimezone: string;
};

/** The same recipe gives the same site, to the byte. */
export function generateSite(recipe: SiteRecipe): Site {
  const random = createRandom(recipe.seed);
  const prose = createProse(random.fork("prose"));
  const people = generatePeople(random.fork("people"), recipe.user, recipe.accountTimezone);
  const projects = generateProjects(people);
  const seeds: IssueSeeds = { projects, people, prose, random: random.fork("issues") };

  const issues = generateIssues(recipe.issues, recipe.bodyBytes, seeds);
  const lengths = plantIssueOddities(issues, random.fork("oddities"), prose);
  generateThreads(issues, lengths, { people, prose, random: random.fork("threads") });
  plantCommentOddities(
    issues.flatMap((issue) => issue.comments),
    random.fork("comments"),
    prose,
  );

  const site = index(issues, { projects, people });
  site.hiddenWorklogs = feed(random.fork("hidden"), 50_001, 14);
  site.deletedWorklogs = feed(random.fork("deleted"), 60_001, 12);
  return site;
}

function index(issues: readonly Issue[], rest: Pick<Site, "projects" | "people">): Site {
  const comments = issues.flatMap((issue) => issue.comments);
  const worklogs = issues.flatMap((issue) => issue.worklogs);

  return {
    ...rest,
    issues: new Map(issues.map((issue) => [issue.id, issue])),
    issuesByKey: new Map(issues.map((issue) => [issue.key, issue])),
    comments: new Map(comments.map((comment) => [comment.id, comment])),
    worklogs: new Map(worklogs.map((worklog) => [worklog.id, worklog])),
    hiddenWorklogs: [],
    deletedWorklogs: [],
    version: 0,
    nextIds: {
      issue: 1_000_001,
      comment: 2_000_001,
      worklog: 3_000_001,
      change: 4_000_001,
      attachment: 5_000_001,
    },
    nextNumbers: new Map(rest.projects.map(({ key }) => [key, highestNumber(issues, key) + 1])),
  };
}

function highestNumber(issues: readonly Issue[], projectKey: string): number {
  return issues.reduce(
    (highest, issue) =>
      issue.project.key === projectKey ? Math.max(highest, issue.number) : highest,
    0,
  );
}

function feed(random: Random, firstId: number, count: number): FeedEntry[] {
  const newest = LAST_UPDATED_MS - 86_400_000;
  return Array.from({ length: count }, (_, offset) => ({
    worklogId: firstId + offset,
    time: newest - random.int(900) * 86_400_000 - random.int(86_400_000),
  }));
}
