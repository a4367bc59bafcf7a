import type { Random } from "../site/random.ts";
import type { Prose } from "./documents.ts";
import type { Comment, Issue, Person, Worklog } from "./site.ts";

const HOUR_MS = 3_600_000;
const MEAN_COMMENTS = 1.95;
/** Share of issues with worklogs; with a mean of 3.2 each, 3,000 issues have about 800. */
const LOGGED_SHARE = 0.085;

/** How many comments and worklogs an issue gets where chance must not decide. */
export type ThreadLengths = ReadonlyMap<number, { comments?: number; worklogs?: number }>;

type Seeds = { people: Person[]; random: Random; prose: Prose };

/**
 * Fills every issue's comments and worklogs. Ids follow the time of creation over the whole site,
 * as on a real one.
 */
export function generateThreads(
  issues: readonly Issue[],
  lengths: ThreadLengths,
  seeds: Seeds,
): void {
  const random = seeds.random;
  for (const issue of issues) {
    const wanted = lengths.get(issue.id);
    const comments =
      wanted?.comments ?? Math.floor(-Math.log(1 - random.next()) * (MEAN_COMMENTS + 0.5));
    const worklogs = wanted?.worklogs ?? (random.chance(LOGGED_SHARE) ? random.between(1, 5) : 0);
    for (let left = comments; left > 0; left -= 1) issue.comments.push(draftComment(issue, seeds));
    for (let left = worklogs; left > 0; left -= 1) issue.worklogs.push(draftWorklog(issue, seeds));
  }

  numberInOrder(
    issues.flatMap((issue) => issue.comments),
    20_001,
  );
  numberInOrder(
    issues.flatMap((issue) => issue.worklogs),
    30_001,
  );

  for (const issue of issues) {
    issue.comments.sort((one, other) => one.id - other.id);
    issue.worklogs.sort((one, other) => one.id - other.id);
  }
}

function draftComment(issue: Issue, { people, random, prose }: Seeds): Comment {
  const author = random.pick(people);
  const { created, updated } = twoInstants(issue, random);
  const edited = random.chance(0.1);
  return {
    id: 0,
    issueId: issue.id,
    author,
    updateAuthor: edited ? random.pick(people) : author,
    body: prose.document(Math.floor(20 + random.next() ** 3 * 900)),
    created,
    updated: edited ? updated : created,
  };
}

function draftWorklog(issue: Issue, { people, random, prose }: Seeds): Worklog {
  const author = random.pick(people);
  const { created, updated } = twoInstants(issue, random);

  return {
    id: 0,
    issueId: issue.id,
    author,
    updateAuthor: author,
    comment: random.chance(0.4) ? undefined : prose.document(40),
    created,
    updated: random.chance(0.15) ? updated : created,
    // People log work days later: `started` is older than `created`, and no cursor.
    started: created - random.int(72) * HOUR_MS,
    seconds: random.between(1, 32) * 900,
  };
}

/** Two times, in order, between an issue's creation and its last change. */
function twoInstants(
  { created, updated }: Issue,
  random: Random,
): { created: number; updated: number } {
  const first = created + Math.floor(random.next() * (updated - created));
  return { created: first, updated: first + Math.floor(random.next() * (updated - first)) };
}

function numberInOrder(records: { id: number; created: number }[], firstId: number): void {
  const ordered = records.toSorted((one, other) => one.created - other.created);
  for (const [index, record] of ordered.entries()) record.id = firstId + index;
}
