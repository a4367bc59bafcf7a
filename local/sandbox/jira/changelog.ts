/** The changelogs of issues: what a fresh site begins with, and what edits add. */
import type { Change, ChangedField, Issue } from "./site.ts";

const STEPS = ["Open", "In Progress", "In Review", "Done"];

/** Up to three entries of an issue that nobody has edited yet, the same on every machine. */
export function firstChanges({ id, created, updated, people }: Issue): Change[] {
  return Array.from({ length: id % 4 }, (_, number) => ({
    id: id * 10 + number,
    author: number === 2 ? undefined : people.creator,
    created: created + Math.floor(((updated - created) * (number + 1)) / 4),
    items: [statusItem(number), ...(id % 5 === 0 ? [labelItem(id, number)] : [])],
  }));
}

/** The item of a field whose value is its text. */
export function textItem(field: string, from: string | null, to: string | null): ChangedField {
  return { field, fieldId: field, from: null, fromString: from, to: null, toString: to };
}

/** The issue with one entry more. */
export function changed(issue: Issue, id: number, at: number, items: ChangedField[]): Issue {
  const change: Change = { id, author: issue.people.creator, created: at, items };
  return { ...issue, changes: [...issue.changes, change] };
}

function statusItem(number: number): ChangedField {
  const [from, to] = [STEPS[number] ?? null, STEPS[number + 1] ?? null];
  return {
    field: "status",
    fieldId: "status",
    from: String(number + 1),
    fromString: from,
    to: String(number + 2),
    toString: to,
  };
}

/** Some texts hold what strict parsers refuse. */
function labelItem(id: number, number: number): ChangedField {
  const text = id % 25 === 0 ? `odd \u0000 \ud800 "${number}"` : `label-${number} Größe 🚀`;
  return textItem("labels", "", text);
}
