/** Records as Jira prints them, as JSON text. People are printed often, so their text is kept. */
import type { Author, Comment, Person, Project, Worklog } from "./site.ts";
import { SITE_URL } from "./site.ts";
import type { Zone } from "./time-zone.ts";

const AVATAR_SIZES = [48, 24, 16, 32];
const personTexts = new WeakMap<Person, string>();

export function renderPerson(person: Person): string {
  const known = personTexts.get(person);
  if (known !== undefined) return known;
  const id = encodeURIComponent(person.accountId);
  const { accountId, accountType, emailAddress, displayName, active, timeZone } = person;
  const text = JSON.stringify({
    self: `${SITE_URL}/rest/api/3/user?accountId=${id}`,
    accountId,
    accountType,
    emailAddress,
    avatarUrls: avatars(`${SITE_URL}/avatars/${id}`),
    displayName,
    active,
    timeZone,
  });

  personTexts.set(person, text);
  return text;
}

/** `"name":{…},` or `"name":null,` or, where the record has no such author, nothing. */
export function renderAuthor(name: string, author: Author): string {
  if (author === undefined) return "";
  return `"${name}":${author === null ? "null" : renderPerson(author)},`;
}

export function renderComment(comment: Comment, zone: Zone): string {
  const { id, issueId, author, updateAuthor, body, created, updated } = comment;
  return (
    `{"self":"${SITE_URL}/rest/api/3/issue/${issueId}/comment/${id}","id":"${id}",` +
    renderAuthor("author", author) +
    `"body":${JSON.stringify(body)},` +
    renderAuthor("updateAuthor", updateAuthor) +
    `"created":"${zone.format(created)}","updated":"${zone.format(updated)}","jsdPublic":true}`
  );
}

export function renderWorklog(worklog: Worklog, zone: Zone): string {
  const { id, issueId, author, updateAuthor, comment, created, updated, started, seconds } =
    worklog;
  return (
    `{"self":"${SITE_URL}/rest/api/3/issue/${issueId}/worklog/${id}",` +
    renderAuthor("author", author) +
    renderAuthor("updateAuthor", updateAuthor) +
    (comment === undefined ? "" : `"comment":${JSON.stringify(comment)},`) +
    `"created":"${zone.format(created)}","updated":"${zone.format(updated)}",` +
    `"started":"${zone.format(started)}",` +
    `"timeSpent":"${duration(seconds)}","timeSpentSeconds":${seconds},` +
    `"id":"${id}","issueId":"${issueId}"}`
  );
}

/** A project without `expand`; with one, what was asked for is added at its end. */
export function projectRecord(project: Project): Record<string, unknown> {
  const { id, key, name, typeKey, simplified, category } = project;

  return {
    expand: "description,lead,issueTypes,url,projectKeys,permissions,insight",
    self: `${SITE_URL}/rest/api/3/project/${id}`,
    id: String(id),
    key,
    name,
    avatarUrls: avatars(`${SITE_URL}/avatars/project-${id}`),
    ...(category && {
      projectCategory: {
        self: `${SITE_URL}/rest/api/3/projectCategory/${category.id}`,
        ...category,
      },
    }),
    projectTypeKey: typeKey,
    simplified,
    style: simplified ? "next-gen" : "classic",
    isPrivate: false,
    properties: {},
  };
}

function avatars(base: string): Record<string, string> {
  return Object.fromEntries(
    AVATAR_SIZES.map((size) => [`${size}x${size}`, `${base}?size=${size}`]),
  );
}

/** `1h 30m`, with Jira's default day of eight hours and week of five days. */
function duration(seconds: number): string {
  const parts: string[] = [];
  let minutes = Math.floor(seconds / 60);
  for (const [unit, size] of [
    ["w", 2400],
    ["d", 480],
    ["h", 60],
    ["m", 1],
  ] as const) {
    if (minutes >= size) parts.push(`${Math.floor(minutes / size)}${unit}`);
    minutes %= size;
  }
  return parts.join(" ");
}
