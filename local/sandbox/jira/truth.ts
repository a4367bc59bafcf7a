/**
 * What a complete copy of the site holds: every id, and the hash of the record as its endpoint
 * serves it.
 */
import type { Sandbox } from "../site/answer.ts";
import { canonicalSha256 } from "../site/canonical-json.ts";
import { selectFields } from "./field-selection.ts";
import { projectRecord, renderComment, renderPerson, renderWorklog } from "./render-records.ts";

export const TRUTH_UNITS = ["issues", "comments", "worklogs", "users", "projects"] as const;
export type TruthUnit = (typeof TRUTH_UNITS)[number];
type Row = { id: string; sha256: string; key?: string; issueId?: string; updatedMs?: number };

export function truth(
  sandbox: Sandbox,
  unit: TruthUnit,
): { unit: TruthUnit; total: number; values: Row[] } {
  const values = ROWS[unit](sandbox);
  return { unit, total: values.length, values };
}

const ROWS: Record<TruthUnit, (sandbox: Sandbox) => Row[]> = {
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
};

/**
 * An issue is hashed as `{id, key, fields}` of `*all` less `comment` and `worklog`, which are units
 * of their own.
 */
function issueRows({ site, renderIssue }: Sandbox): Row[] {
  const selection = selectFields(["*all", "-comment", "-worklog"], "*all");
  return [...site.issues.values()].map((issue) => {
    const { id, key, fields } = JSON.parse(renderIssue(issue, selection).toString());
    return { id, key, updatedMs: issue.updated, sha256: canonicalSha256({ id, key, fields }) };
  });
}

function threadRow(
  { id, issueId, updated }: { id: number; issueId: number; updated: number },
  text: string,
): Row {
  return { id: String(id), issueId: String(issueId), updatedMs: updated, sha256: hashOfText(text) };
}

const hashOfText = (text: string) => canonicalSha256(JSON.parse(text));
