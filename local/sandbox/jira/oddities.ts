/**
 * What real sites hold and tidy examples do not. Each oddity takes issues of its own, so that none
 * hides another.
 */

import { CONTROLS, dealer, LONE_SURROGATE, NUL } from "../site/oddities.ts";
import type { Random } from "../site/random.ts";
import { ISSUE_TYPES, PRIORITIES, STATUSES } from "./catalogue.ts";
import { adf, type Prose, paragraph } from "./documents.ts";
import { HIDDEN_KEY } from "./generate-projects.ts";
import type { ThreadLengths } from "./generate-threads.ts";
import { type AdfNode, type Comment, type Issue, SITE_URL } from "./site.ts";

/**
 * A bulk edit in the minute that Europe/Berlin had twice: 02:30 on 27 October 2024, the first time.
 */
export const BULK_EDIT_MS = Date.UTC(2024, 9, 27, 0, 30);
const BULK_EDIT_ISSUES = 400;
const MEGABYTE = 1_000_000;

/**
 * Edits issues in place and says which of them have threads of a set length. Call before threads
 * are generated.
 */
export function plantIssueOddities(
  issues: readonly Issue[],
  random: Random,
  prose: Prose,
): ThreadLengths {
  const take = dealer(issues, random);
  plantMegabyteBodies(take(issues.length < 100 ? 0 : 3), prose);
  plantControlCharacters(take(Math.ceil(issues.length / 200)));
  plantMissingPeople(take(Math.ceil(issues.length / 100)));
  for (const issue of take(Math.ceil(issues.length / 150))) plantWideFields(issue, prose);
  for (const issue of take(Math.ceil(issues.length / 100))) plantHiddenLinks(issue, random);
  for (const issue of take(2)) issue.fields = bareFields();
  for (const issue of take(2)) issue.fields.description = adf([nested(40)]);

  const lengths = threadLengths(take);
  plantBulkEdit(take(Math.min(BULK_EDIT_ISSUES, Math.floor(issues.length / 5))));
  return lengths;
}

/** The same for comments, once they exist. */
export function plantCommentOddities(
  comments: readonly Comment[],
  random: Random,
  prose: Prose,
): void {
  const left = random.shuffle(comments);
  const [nul, surrogate, huge, empty, stranger] = left.splice(0, 5);
  if (nul) nul.body = adf([paragraph(NUL)]);
  if (surrogate) surrogate.body = adf([paragraph(LONE_SURROGATE)]);
  if (huge && comments.length >= 200) huge.body = prose.document(MEGABYTE);
  if (empty) empty.body = adf([]);
  // Written by someone whom /users/search does not list.
  if (stranger)
    stranger.author = {
      accountId: "unknown",
      accountType: "atlassian",
      active: false,
      displayName: "Former user",
    };

  for (const comment of left.splice(0, Math.ceil(comments.length / 150)))
    comment.author = undefined;
  for (const comment of left.splice(0, Math.ceil(comments.length / 300)))
    comment.updateAuthor = null;
}

function plantMegabyteBodies(issues: Issue[], prose: Prose): void {
  for (const [index, issue] of issues.entries()) {
    issue.fields.description = prose.document((1.1 + index * 0.6) * MEGABYTE);
  }
}

function plantControlCharacters(issues: Issue[]): void {
  for (const [index, issue] of issues.entries()) {
    issue.fields.summary = `${CONTROLS} ${index === 1 ? LONE_SURROGATE : ""}`;
    issue.fields.description = adf([paragraph(index === 0 ? NUL : CONTROLS)]);
    issue.fields.customfield_10050 = index === 2 ? LONE_SURROGATE : `${NUL}\r\n\t"\\/`;
  }
}

function plantMissingPeople(issues: Issue[]): void {
  for (const [index, issue] of issues.entries()) {
    issue.people =
      index % 2 === 0
        ? { creator: undefined, reporter: null, assignee: null }
        : { ...issue.people, reporter: undefined };
  }
}

function plantWideFields(issue: Issue, prose: Prose): void {
  issue.fields.customfield_10050 = prose.text(60_000);
  issue.fields.customfield_10051 = Array.from({ length: 300 }, (_, index) => ({
    self: `${SITE_URL}/rest/api/3/customFieldOption/${11_000 + index}`,
    value: `Customer ${index}`,
    id: String(11_000 + index),
  }));
}

/** A link shows the other end's key and summary even where the account may not open it. */
function plantHiddenLinks(issue: Issue, random: Random): void {
  const number = random.between(1, 500);
  const other = {
    id: String(9_000 + number),
    key: `${HIDDEN_KEY}-${number}`,
    self: `${SITE_URL}/rest/api/3/issue/${9_000 + number}`,
    fields: {
      summary: "Sealed",
      status: STATUSES[0],
      priority: PRIORITIES[0],
      issuetype: ISSUE_TYPES[2],
    },
  };

  const type = { id: "10000", name: "Blocks", inward: "is blocked by", outward: "blocks" };
  issue.fields.issuelinks = [{ id: String(40_000 + number), type, outwardIssue: other }];
}

/** As an import leaves issues: hardly a field is filled, and most are not even there. */
function bareFields(): Record<string, unknown> {
  return {
    summary: "",
    issuetype: ISSUE_TYPES[2],
    status: STATUSES[0],
    priority: null,
    description: null,
  };
}

function nested(depth: number): AdfNode {
  const inner = depth === 0 ? paragraph("deep") : nested(depth - 1);
  return { type: "bulletList", content: [{ type: "listItem", content: [inner] }] };
}

/** Embedded lists are cut at 20: some are just short of it, some at it, some far beyond. */
function threadLengths(take: (count: number) => Issue[]): ThreadLengths {
  const wanted = [
    { comments: 20 },
    { comments: 21 },
    { comments: 57 },
    { comments: 132 },
    { worklogs: 20 },
    { worklogs: 21 },
    { worklogs: 45 },
  ];

  const issues = take(wanted.length);
  return new Map(
    issues.map((issue, index) => [issue.id, wanted[index] as (typeof wanted)[number]]),
  );
}

/** All within one minute, five at a time in the same millisecond. */
function plantBulkEdit(issues: Issue[]): void {
  for (const [index, issue] of issues.entries()) {
    issue.updated = BULK_EDIT_MS + Math.floor(index / 5) * 700;
    issue.created = Math.min(issue.created, BULK_EDIT_MS - 86_400_000);
  }
}
