import { canonicalSha256 } from "../site/canonical-json.ts";
import { hashOfText, type Truth, type TruthRow } from "../site/truth.ts";
import { changedItems } from "./changelog-routes.ts";
import { selectFields } from "./field-selection.ts";
import { projectRecord, renderComment, renderPerson, renderWorklog } from "./render-records.ts";
import type { JiraState, Sandbox } from "./state.ts";

/** The units of a Jira site, each record as its endpoint serves it. */
export const truth: Truth<JiraState> = {
  issues: issueRows,
  comments: ({ site, zone }) =>
    [...site.comments.values()].map((comment) => threadRow(comment, renderComment(comment, zone))),
  worklogs: ({ site, zone }) =>
    [...site.worklogs.values()].map((worklog) => threadRow(worklog, renderWorklog(worklog, zone))),
  users: ({ site }) =>
    site.people.map((person) => ({
      id: person.accountId,
      sha256: hashOfText(renderPerson(person)),
    })),
  projects: ({ site }) =>
    site.projects.map((project) => ({
      id: String(project.id),
      key: project.key,
      sha256: canonicalSha256(projectRecord(project)),
    })),
  changelog: ({ site }) =>
    [...site.issues.values()]
      .flatMap(changedItems)
      .map(({ id, text }) => ({ id, sha256: hashOfText(text) })),
};

/**
 * An issue is hashed as `{id, key, fields}` of `*all` less `comment` and `worklog`, which are units
 * of their own.
 */
function issueRows({ site, renderIssue }: Sandbox): TruthRow[] {
  const selection = selectFields(["*all", "-comment", "-worklog"], "*all");
  return [...site.issues.values()].map((issue) => {
    const { id, key, fields } = JSON.parse(renderIssue(issue, selection).toString());
    return { id, key, updatedMs: issue.updated, sha256: canonicalSha256({ id, key, fields }) };
  });
}

function threadRow(
  { id, issueId, updated }: { id: number; issueId: number; updated: number },
  text: string,
): TruthRow {
  return { id: String(id), issueId: String(issueId), updatedMs: updated, sha256: hashOfText(text) };
}
