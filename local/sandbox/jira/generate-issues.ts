import type { Random } from "../site/random.ts";
import {
  IDLE_FIELDS,
  ISSUE_TYPES,
  isDone,
  PRIORITIES,
  RESOLUTIONS,
  STATUSES,
} from "./catalogue.ts";
import { firstChanges } from "./changelog.ts";
import type { Prose } from "./documents.ts";
import { PROJECT_SHARES } from "./generate-projects.ts";
import type { Issue, Person, Project } from "./site.ts";

const FIRST_CREATED_MS = Date.UTC(2021, 0, 4, 8);
const LAST_CREATED_MS = Date.UTC(2024, 10, 29, 17);
/** Nothing on a fresh site is newer, so that two starts on different days serve the same bytes. */
export const LAST_UPDATED_MS = Date.UTC(2025, 5, 30, 12);
const DAY_MS = 86_400_000;
const FIRST_ID = 10_001;

export type IssueSeeds = { projects: Project[]; people: Person[]; random: Random; prose: Prose };

/**
 * `count` issues in order of creation; ids ascend with gaps, numbers ascend per project with gaps.
 */
export function generateIssues(
  count: number,
  bodyBytes: number | undefined,
  seeds: IssueSeeds,
): Issue[] {
  const { random } = seeds;
  const numbers = new Map<string, number>();
  let id = FIRST_ID;

  return Array.from({ length: count }, (_, index) => {
    const project = pickProject(seeds);
    const number = (numbers.get(project.key) ?? 0) + (random.chance(0.03) ? 2 : 1);
    numbers.set(project.key, number);
    id += random.chance(0.02) ? random.between(2, 9) : 1;
    const created = createdAt(index, count, random);
    const idle = Math.floor(random.next() ** 3 * (LAST_UPDATED_MS - created));
    const length = bodyBytes ?? Math.floor(60 + random.next() ** 4 * 6_000);
    return createIssue({ id, project, number, created, updated: created + idle }, length, seeds);
  });
}

/**
 * One issue as a person would have filed it: fields filled, left null, or absent, as chance has it.
 */
export function createIssue(
  head: Pick<Issue, "id" | "project" | "number" | "created" | "updated">,
  bodyLength: number,
  { people, random, prose }: IssueSeeds,
): Issue {
  const fields = {
    ...workflowFields(head, random),
    summary: prose.text(random.between(20, 90)),
    description: bodyLength === 0 ? null : prose.document(bodyLength),
    environment: random.chance(0.05) ? prose.document(80) : null,
    ...planningFields(random),
    ...customFields(head.id, head.created, random, prose),
    ...Object.fromEntries(IDLE_FIELDS.map((name) => [name, null])),
  };

  const issue: Issue = {
    ...head,
    key: `${head.project.key}-${head.number}`,
    people: {
      creator: random.pick(people),
      reporter: random.pick(people),
      assignee: random.chance(0.3) ? null : random.pick(people),
    },
    fields,
    comments: [],
    worklogs: [],
    changes: [],
  };
  return { ...issue, changes: firstChanges(issue) };
}

function pickProject({ projects, random }: IssueSeeds): Project {
  let left = random.next();
  const index = PROJECT_SHARES.findIndex(([, share]) => {
    left -= share;
    return left < 0;
  });
  return projects.at(index) as Project;
}

function createdAt(index: number, count: number, random: Random): number {
  const step = (LAST_CREATED_MS - FIRST_CREATED_MS) / count;
  return FIRST_CREATED_MS + Math.floor((index + random.next()) * step);
}

function workflowFields({ updated }: { updated: number }, random: Random) {
  const status = random.pick(STATUSES);
  const done = isDone(status);
  return {
    issuetype: random.pick(ISSUE_TYPES),
    status,
    priority: random.chance(0.04) ? null : random.pick(PRIORITIES),
    resolution: done ? random.pick(RESOLUTIONS) : null,
    resolutiondate: done ? instant(updated) : null,
  };
}

function planningFields(random: Random) {
  const seconds = random.between(1, 40) * 900;

  return {
    labels: random.chance(0.6)
      ? []
      : ["customer", "émigré", "p-1", "日本語"].slice(0, random.between(1, 4)),
    components: random.chance(0.7) ? [] : [{ id: "10200", name: "Import" }],
    fixVersions: random.chance(0.8)
      ? []
      : [{ id: "10300", name: "2024.1", archived: false, released: true }],
    duedate: random.chance(0.9) ? null : "2024-02-29",
    issuelinks: [],
    subtasks: [],
    attachment: [],
    timespent: random.chance(0.8) ? null : seconds,
    votes: { votes: random.int(4), hasVoted: false },
    watches: { watchCount: random.int(9), isWatching: false },
  };
}

function customFields(id: number, created: number, random: Random, prose: Prose) {
  return {
    customfield_10014: null,
    // Story points are floats: 0.1 + 0.2 and 1e-7 come from sites that compute them.
    customfield_10016: random.pick([null, null, 1, 2, 3, 5, 8, 0.5, 0.1 + 0.2, 1e-7]),
    customfield_10019: `0|i${id.toString(36).padStart(5, "0")}:`,
    customfield_10020: random.chance(0.6) ? null : [sprint(random.between(1, 60))],
    customfield_10021: random.chance(0.97) ? null : [{ value: "Impediment", id: "10019" }],
    customfield_10030: random.chance(0.5) ? null : { value: "Major", id: "10040" },
    ...(random.chance(0.2) && { customfield_10033: prose.document(200) }),
    customfield_10036: random.chance(0.9) ? null : instant(created + 3 * DAY_MS),
    customfield_10037: random.chance(0.9)
      ? null
      : { value: "EMEA", id: "1", child: { value: "Nord-Süd", id: "2" } },
    // Half of the issues were filed before the field existed: the key is not there.
    ...(random.chance(0.5) && { customfield_10052: random.pick(["", "unknown", "2"]) }),
  };
}

function sprint(number: number) {
  return { id: number, name: `Sprint ${number}`, state: "closed", boardId: 1, goal: "" };
}

/** A time inside a field's value; the renderer prints it in the account's zone. */
export type Instant = { instantMs: number };
const instant = (instantMs: number): Instant => ({ instantMs });
