import type { FieldSelection } from "./field-selection.ts";
import { renderComment, renderPerson, renderWorklog } from "./render-records.ts";
import { type Issue, type Project, SITE_URL } from "./site.ts";
import type { Zone } from "./time-zone.ts";

/** Comments and worklogs inside an issue stop here; `total` says how many there are. */
const EMBEDDED_LIMIT = 20;
/** Beyond this, answers are rendered anew each time instead of being kept. */
const CACHE_BYTES = 256_000_000;
const EXPANDABLE =
  "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations";

export type IssueRenderer = (issue: Issue, selection: FieldSelection) => Buffer;

/** Renders issues and keeps the bytes until the issue changes: edits replace the issue object. */
export function createIssueRenderer(zone: Zone): IssueRenderer {
  const kept = new WeakMap<Issue, Map<string, Buffer>>();
  let keptBytes = 0;
  return (issue, selection) => {
    const known = kept.get(issue)?.get(selection.cacheKey);
    if (known !== undefined) return known;
    const bytes = Buffer.from(renderIssue(issue, selection, zone));
    if (keptBytes + bytes.length > CACHE_BYTES) return bytes;
    keptBytes += bytes.length;
    const mine = kept.get(issue) ?? new Map<string, Buffer>();
    kept.set(issue, mine.set(selection.cacheKey, bytes));
    return bytes;
  };
}

function renderIssue(issue: Issue, selection: FieldSelection, zone: Zone): string {
  if (!selection.wantsKey) return `{"id":"${issue.id}"}`;
  const self = `${SITE_URL}/rest/api/3/issue/${issue.id}`;
  const head = `{"expand":"${EXPANDABLE}","id":"${issue.id}","self":"${self}","key":"${issue.key}"`;
  return selection.wantsMore
    ? `${head},"fields":{${renderFields(issue, selection, zone)}}}`
    : `${head}}`;
}

function renderFields(issue: Issue, selection: FieldSelection, zone: Zone): string {
  const parts: string[] = [];
  const show = (name: string, render: () => string) => {
    if (selection.shows(name)) parts.push(`"${name}":${render()}`);
  };

  for (const [name, value] of Object.entries(issue.fields))
    show(name, () => renderValue(value, zone));
  for (const [name, person] of Object.entries(issue.people)) {
    if (person !== undefined) show(name, () => (person === null ? "null" : renderPerson(person)));
  }
  show("project", () => JSON.stringify(embeddedProject(issue.project)));
  show("created", () => `"${zone.format(issue.created)}"`);
  show("updated", () => `"${zone.format(issue.updated)}"`);
  show("comment", () =>
    embeddedList("comments", issue.comments, (comment) => renderComment(comment, zone)),
  );
  show("worklog", () =>
    embeddedList("worklogs", issue.worklogs, (worklog) => renderWorklog(worklog, zone)),
  );

  return parts.join();
}

function renderValue(value: unknown, zone: Zone): string {
  if (typeof value === "object" && value !== null && "instantMs" in value) {
    return `"${zone.format(Number(value.instantMs))}"`;
  }
  return JSON.stringify(value);
}

function embeddedList<T>(
  name: string,
  records: readonly T[],
  render: (record: T) => string,
): string {
  const shown = records.slice(0, EMBEDDED_LIMIT).map(render).join();
  const counts = `"maxResults":${EMBEDDED_LIMIT},"total":${records.length},"startAt":0`;
  return `{"${name}":[${shown}],${counts}}`;
}

function embeddedProject({ id, key, name, typeKey, simplified }: Project) {
  return {
    self: `${SITE_URL}/rest/api/3/project/${id}`,
    id: String(id),
    key,
    name,
    projectTypeKey: typeKey,
    simplified,
  };
}
