/** What people and programs change through the API. As `edit-site`, by new objects. */
import { isDone, PRIORITIES, RESOLUTIONS, STATUSES } from "./catalogue.ts";
import { changed, textItem } from "./changelog.ts";
import { addIssue, replaceIssue } from "./edit-site.ts";
import type { Adf, Comment, Issue, Person, Site, Worklog } from "./site.ts";

/** Fields to set by id, and the person of each role. Undefined ones stay. */
export type IssueChanges = {
  fields: Record<string, unknown>;
  assignee?: Person | null | undefined;
  reporter?: Person | undefined;
};

/** Fields that a new issue has when nobody fills them in. */
const EMPTY = {
  description: null,
  environment: null,
  priority: PRIORITIES[2],
  resolution: null,
  resolutiondate: null,
  labels: [],
  components: [],
  fixVersions: [],
  duedate: null,
  status: STATUSES[0],
  attachment: [],
};

/** By `author`, with nothing but what is given. */
export function createIssue(
  site: Site,
  projectKey: string,
  changes: IssueChanges,
  author: Person,
  at: number,
): Issue {
  const made = addIssue(site, projectKey, at);
  return replaceIssue(site, {
    ...made,
    people: { creator: author, reporter: changes.reporter ?? author, assignee: changes.assignee },
    fields: { ...made.fields, ...EMPTY, ...changes.fields },
    changes: [],
  });
}

export function changeIssue(site: Site, issue: Issue, changes: IssueChanges, at: number): Issue {
  const { assignee = issue.people.assignee, reporter = issue.people.reporter } = changes;
  const items = Object.entries(changes.fields).map(([name, value]) =>
    textItem(name, textOf(issue.fields[name]), textOf(value)),
  );
  if (changes.assignee !== undefined)
    items.push(textItem("assignee", nameOf(issue.people.assignee), nameOf(assignee)));

  const edited = {
    ...issue,
    updated: at,
    people: { ...issue.people, assignee, reporter },
    fields: { ...issue.fields, ...changes.fields },
  };
  return replaceIssue(site, changed(edited, site.nextIds.change++, at, items));
}

/** Moves it to a status; a final one resolves it, any other takes the resolution away. */
export function transitionIssue(
  site: Site,
  issue: Issue,
  status: (typeof STATUSES)[number],
  changes: IssueChanges,
  at: number,
): Issue {
  const done = isDone(status);
  const fields = {
    ...changes.fields,
    status,
    resolution: done ? (changes.fields.resolution ?? RESOLUTIONS[0]) : null,
    resolutiondate: done ? { instantMs: at } : null,
  };
  return changeIssue(site, issue, { ...changes, fields }, at);
}

export function writeComment(
  site: Site,
  issue: Issue,
  { body, author, at }: { body: Adf; author: Person; at: number },
): Comment {
  const id = site.nextIds.comment++;
  const written = { author, updateAuthor: author, created: at, updated: at };
  const comment: Comment = { id, issueId: issue.id, body, ...written };

  site.comments.set(id, comment);
  replaceIssue(site, { ...issue, updated: at, comments: [...issue.comments, comment] });
  return comment;
}

export function logWork(
  site: Site,
  issue: Issue,
  work: Pick<Worklog, "comment" | "started" | "seconds"> & { author: Person; at: number },
): Worklog {
  const { author, at, ...logged } = work;
  const id = site.nextIds.worklog++;
  const written = { author, updateAuthor: author, created: at, updated: at };
  const worklog: Worklog = { id, issueId: issue.id, ...logged, ...written };

  const spent = Number(issue.fields.timespent ?? 0) + work.seconds;
  const fields = { ...issue.fields, timespent: spent };
  site.worklogs.set(id, worklog);
  replaceIssue(site, { ...issue, updated: at, fields, worklogs: [...issue.worklogs, worklog] });
  return worklog;
}

export function attachFile(
  site: Site,
  issue: Issue,
  attachment: Record<string, unknown>,
  at: number,
): Record<string, unknown> {
  const files = Array.isArray(issue.fields.attachment) ? issue.fields.attachment : [];
  const id = String(site.nextIds.attachment++);
  const attached = { id, ...attachment };
  changeIssue(site, issue, { fields: { attachment: [...files, attached] } }, at);
  return attached;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  const { name } = value as { name?: unknown };
  return typeof name === "string" ? name : JSON.stringify(value);
}

const nameOf = (person: Person | null | undefined) => person?.displayName ?? null;
