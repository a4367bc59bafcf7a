/**
 * Changes to a running site. An edited issue is a new object, so that no rendered bytes of the old
 * one are served.
 */

import { createRandom } from "../site/random.ts";
import { changed, textItem } from "./changelog.ts";
import { createProse } from "./documents.ts";
import { createIssue } from "./generate-issues.ts";
import type { Comment, Issue, Site, Worklog } from "./site.ts";

/** Edits the summary and moves `updated`. */
export function touchIssue(site: Site, issue: Issue, at: number): Issue {
  const before = String(issue.fields.summary);
  const summary = `${before} ·`;
  const edited = { ...issue, updated: at, fields: { ...issue.fields, summary } };
  const items = [textItem("summary", before, summary)];
  return replaceIssue(site, changed(edited, site.nextIds.change++, at, items));
}

/**
 * `count` issues that no earlier call of this version picked together, the same on every machine.
 */
export function pickIssues(site: Site, count: number, seed: number): Issue[] {
  const ids = [...site.issues.keys()].sort((one, other) => one - other);
  return createRandom(seed + site.version)
    .shuffle(ids)
    .slice(0, count)
    .flatMap((id) => site.issues.get(id) ?? []);
}

/** A new issue in a project of the site. Throws RangeError for an unknown project. */
export function addIssue(site: Site, projectKey: string, at: number): Issue {
  const project = site.projects.find(({ key }) => key === projectKey);
  if (project === undefined) throw new RangeError(`No project ${projectKey} on this site.`);
  const id = site.nextIds.issue++;
  const number = site.nextNumbers.get(projectKey) ?? 1;
  site.nextNumbers.set(projectKey, number + 1);

  const random = createRandom(id);
  const seeds = {
    projects: site.projects,
    people: site.people,
    random,
    prose: createProse(random),
  };
  return replaceIssue(
    site,
    createIssue({ id, project, number, created: at, updated: at }, 400, seeds),
  );
}

/** Its old key leads nowhere from then on. Throws RangeError for an unknown project. */
export function moveIssue(site: Site, issue: Issue, projectKey: string, at: number): Issue {
  const project = site.projects.find(({ key }) => key === projectKey);
  if (project === undefined) throw new RangeError(`No project ${projectKey} on this site.`);
  const number = site.nextNumbers.get(projectKey) ?? 1;
  site.nextNumbers.set(projectKey, number + 1);
  site.issuesByKey.delete(issue.key);

  const key = `${projectKey}-${number}`;
  const items = [
    textItem("project", issue.project.name, project.name),
    textItem("Key", issue.key, key),
  ];
  const moved = { ...issue, project, number, key, updated: at };
  return replaceIssue(site, changed(moved, site.nextIds.change++, at, items));
}

/** Its worklogs appear in the feed of deleted ones. */
export function deleteIssue(site: Site, issue: Issue, at: number): void {
  site.issues.delete(issue.id);
  site.issuesByKey.delete(issue.key);
  for (const { id } of issue.comments) site.comments.delete(id);
  for (const { id } of issue.worklogs) {
    site.worklogs.delete(id);
    site.deletedWorklogs.push({ worklogId: id, time: at });
  }
  site.version += 1;
}

/** A comment bumps its issue, as on a real site. */
export function addComment(site: Site, issue: Issue, at: number): Comment {
  const author = site.people[1];
  const id = site.nextIds.comment++;
  const body = createProse(createRandom(id)).document(80);
  const comment: Comment = {
    id,
    issueId: issue.id,
    author,
    updateAuthor: author,
    body,
    created: at,
    updated: at,
  };

  site.comments.set(id, comment);
  replaceIssue(site, { ...issue, updated: at, comments: [...issue.comments, comment] });
  return comment;
}

/** So does a worklog. */
export function addWorklog(site: Site, issue: Issue, at: number): Worklog {
  const author = site.people[1];
  const id = site.nextIds.worklog++;
  const worklog: Worklog = {
    id,
    issueId: issue.id,
    author,
    updateAuthor: author,
    comment: undefined,
    created: at,
    updated: at,
    started: at - 3_600_000,
    seconds: 3_600,
  };

  site.worklogs.set(id, worklog);
  replaceIssue(site, { ...issue, updated: at, worklogs: [...issue.worklogs, worklog] });
  return worklog;
}

/** Puts an edited issue in the place of the old one. */
export function replaceIssue(site: Site, issue: Issue): Issue {
  site.issues.set(issue.id, issue);
  site.issuesByKey.set(issue.key, issue);
  site.version += 1;
  return issue;
}
