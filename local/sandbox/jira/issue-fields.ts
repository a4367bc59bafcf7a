/** Reads the fields of a write, with a fault in Jira's words for each that it refuses. */
import { FIELDS, ISSUE_TYPES, PRIORITIES, RESOLUTIONS } from "./catalogue.ts";
import type { Person, Site } from "./site.ts";
import type { IssueChanges } from "./write-site.ts";

type Fields = { changes: IssueChanges; faults: Record<string, string> };
type Named = { id: string; name: string };

const CHOICES: Record<string, readonly Named[]> = {
  issuetype: ISSUE_TYPES,
  priority: PRIORITIES,
  resolution: RESOLUTIONS,
};
/** They are read apart, or set by what is done with the issue. */
const NOT_HERE = new Set(["project", "assignee", "reporter"]);
const KNOWN = new Set(FIELDS.map(({ id }) => id));
const DOCUMENTS = new Set(["description", "environment", "customfield_10033"]);

export function readFields(site: Site, given: Record<string, unknown>): Fields {
  const read: Fields = { changes: { fields: {} }, faults: {} };

  for (const [name, value] of Object.entries(given)) {
    if (NOT_HERE.has(name)) continue;
    const fault = faultOf(name, value);
    if (fault === undefined) read.changes.fields[name] = chosen(name, value);
    else read.faults[name] = fault;
  }
  for (const role of ["assignee", "reporter"] as const) {
    if (!(role in given)) continue;
    const person = readPerson(site, (given[role] as { accountId?: unknown } | null)?.accountId);
    if (person === undefined) read.faults[role] = `Specify a valid value for ${role}`;
    else read.changes[role] = person;
  }
  return read;
}

export function readPerson(site: Site, accountId: unknown): Person | undefined {
  return site.people.find((person) => person.accountId === accountId && person.active);
}

function faultOf(name: string, value: unknown): string | undefined {
  if (!KNOWN.has(name) && name !== "parent") {
    return `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
  }
  if (CHOICES[name] !== undefined && chosen(name, value) === undefined)
    return `Specify a valid value for ${name}`;
  if (DOCUMENTS.has(name) && value !== null && (value as { type?: unknown }).type !== "doc")
    return "Operation value must be an Atlassian Document (see the Atlassian Document Format)";
  if (name === "labels" && !isLabels(value)) return "The label must not contain spaces.";
  return undefined;
}

function chosen(name: string, value: unknown): unknown {
  const choices = CHOICES[name];
  if (choices === undefined) return value;
  const { id, name: called } = (value ?? {}) as Partial<Named>;
  return choices.find((choice) => (id === undefined ? choice.name === called : choice.id === id));
}

function isLabels(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((label) => typeof label === "string" && !/\s/.test(label))
  );
}
