import { expect, test } from "vitest";
import { generateSite } from "./generate-site.ts";
import { BULK_EDIT_MS } from "./oddities.ts";

const site = generateSite({
  seed: 1,
  issues: 3_000,
  bodyBytes: undefined,
  user: "a@example.com",
  accountTimezone: "UTC",
});
const issues = [...site.issues.values()];
const text = (value: unknown) => JSON.stringify(value);

test("a bulk edit left 400 issues in one minute, some in the same millisecond", () => {
  const bulk = issues.filter(
    ({ updated }) => Math.floor(updated / 60_000) === BULK_EDIT_MS / 60_000,
  );
  expect(bulk.length).toBeGreaterThanOrEqual(400);
  expect(new Set(bulk.map(({ updated }) => updated)).size).toBeLessThan(bulk.length / 2);
  expect(bulk.every(({ created, updated }) => created <= updated)).toBe(true);
});

test("bodies reach megabytes and hold NUL, control characters and a lone surrogate", () => {
  expect(issues.filter(({ fields }) => text(fields).length > 1_000_000)).toHaveLength(3);
  const bodies = [...site.comments.values()].map(({ body }) => text(body));
  expect(bodies.some((body) => body.length > 1_000_000)).toBe(true);
  for (const written of ["\\u0000", "\\ud83d", "\\u0007"]) {
    expect(issues.some(({ fields }) => text(fields).includes(written))).toBe(true);
  }
  expect(bodies.some((body) => body.includes("\\u0000"))).toBe(true);
  expect(bodies.some((body) => body.includes("\\ud83d"))).toBe(true);
});

test("people are null, missing, gone, apps, or share a name", () => {
  const reporters = new Set(
    issues.map(({ people }) => (people.reporter === null ? "null" : typeof people.reporter)),
  );
  expect(reporters).toEqual(new Set(["object", "null", "undefined"]));
  expect([...site.comments.values()].some(({ author }) => author === undefined)).toBe(true);
  const names = site.people.map(({ displayName }) => displayName);
  expect(new Set(names).size).toBeLessThan(names.length);
  expect(site.people.some(({ accountType }) => accountType === "app")).toBe(true);
  expect(site.people.some(({ active }) => !active)).toBe(true);
});

test("threads stop just short of the cut, at it, and far beyond", () => {
  const comments = issues.map((issue) => issue.comments.length);
  const worklogs = issues.map((issue) => issue.worklogs.length);
  expect(comments).toEqual(expect.arrayContaining([0, 20, 21, 57, 132]));
  expect(worklogs).toEqual(expect.arrayContaining([0, 20, 21, 45]));
});

test("every time lies between its issue's creation and its last change", () => {
  for (const issue of issues) {
    for (const { created, updated } of [...issue.comments, ...issue.worklogs]) {
      expect(issue.created <= created && created <= updated && updated <= issue.updated).toBe(true);
    }
  }
});
