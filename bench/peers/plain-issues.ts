/** The issues of a plain site: issue `n` is made of its number and of one of a few bodies. */
import { createProse } from "../../local/sandbox/jira/documents.ts";
import type { FieldSelection } from "../../local/sandbox/jira/field-selection.ts";
import { createIssue } from "../../local/sandbox/jira/generate-issues.ts";
import { generatePeople } from "../../local/sandbox/jira/generate-people.ts";
import { type Clause, parseJql } from "../../local/sandbox/jira/jql-parse.ts";
import { createIssueRenderer } from "../../local/sandbox/jira/render-issue.ts";
import type { Issue, Project } from "../../local/sandbox/jira/site.ts";
import { createZone } from "../../local/sandbox/jira/time-zone.ts";
import { createRandom } from "../../local/sandbox/site/random.ts";

const BODIES = 64;
/** Of the smallest id, so that all have as many digits. */
const FIRST_ID = 1_000_000;
const FIRST_MS = Date.UTC(2023, 0, 1);
/** Between the changes of two issues. */
const STEP_MS = 6_000;
const MINUTE_MS = 60_000;
/** What a rendered body holds in the place of an issue's own id and times. */
const STAND_IN = {
  id: 9_876_543_210,
  created: Date.UTC(2001, 1, 2),
  updated: Date.UTC(2002, 2, 3),
};
const PARTS = /(9876543210|2001-01-02T00:00:00\.000\+0000|2002-03-03T00:00:00\.000\+0000)/;
/** Bytes of an issue without its description. */
const REST_OF_BODY = 4_700;

export type Found = { length: number; at: (position: number) => number };

export class PlainIssues {
  private readonly zone = createZone("UTC");
  private readonly render = createIssueRenderer(this.zone);
  private readonly bodies: Issue[];
  private readonly parts = new Map<string, string[]>();
  private readonly touched = new Map<number, number>();
  private readonly count: number;

  constructor(count: number, bytes: number) {
    this.count = count;
    const random = createRandom(7);
    const prose = createProse(random.fork("prose"));
    const people = generatePeople(random.fork("people"), "bench", "UTC");
    const project = { id: 10_000, key: "BENCH", name: "Bench", typeKey: "software" } as Project;
    const length = Math.max(0, Math.round((bytes - REST_OF_BODY) / 1.1));
    const head = { project, number: STAND_IN.id, ...STAND_IN };
    const seeds = { projects: [project], people, random, prose };
    this.bodies = Array.from({ length: BODIES }, () => createIssue(head, length, seeds));
  }

  /** Changes `count` issues, spread evenly, now. */
  touch(count: number): void {
    const step = Math.max(1, Math.floor(this.count / count));
    for (let n = 0; n < count; n += 1) this.touched.set((n * step) % this.count, Date.now());
  }

  /** Numbers of the issues that a query finds, in its order. */
  found(jql: string): Found {
    const { clauses, orderBy } = parseJql(jql, {
      zone: this.zone,
      nowMs: Date.now(),
      projectKey: () => "BENCH",
    });
    const descending = orderBy[0]?.descending ?? true;
    const byTime = orderBy[0]?.field === "updated";
    const numbers = this.touched.size === 0 ? this.range(clauses) : this.filtered(clauses, byTime);
    const { length, at } = numbers;
    return { length, at: descending ? (position) => at(length - 1 - position) : at };
  }

  /** JSON of issues by number, joined. */
  rendered(numbers: readonly number[], selection: FieldSelection): string {
    return numbers.map((number) => this.one(number, selection)).join();
  }

  /** The same by id. */
  ofIds(ids: readonly number[], selection: FieldSelection): string {
    return this.rendered(
      ids.map((id) => id - FIRST_ID).filter((number) => number >= 0 && number < this.count),
      selection,
    );
  }

  private one(number: number, selection: FieldSelection): string {
    const id = String(FIRST_ID + number);
    if (!selection.wantsKey) return `{"id":"${id}"}`;

    const at = number % BODIES;
    const key = `${at} ${selection.cacheKey}`;
    const parts =
      this.parts.get(key) ??
      this.render(this.bodies[at] as Issue, selection)
        .toString()
        .split(PARTS);
    this.parts.set(key, parts);
    const times = [FIRST_MS + number * STEP_MS, this.updated(number)].map(this.zone.format);
    return parts
      .map((part, index) => {
        if (index % 2 === 0) return part;
        return part.startsWith("9") ? id : times[part.startsWith("2001") ? 0 : 1];
      })
      .join("");
  }

  private updated(number: number): number {
    return this.touched.get(number) ?? FIRST_MS + number * STEP_MS;
  }

  /** Ids and times rise together, so each clause is a range of numbers. */
  private range(clauses: readonly Clause[]): Found {
    let [low, high] = [0, this.count];
    for (const clause of clauses) {
      if (clause.kind === "ids" || clause.kind === "key") return this.filtered(clauses, false);
      if (clause.kind === "project") continue;
      const [from, to] = clause.kind === "id" ? ofId(clause) : ofMinute(clause);
      low = Math.max(low, from);
      high = Math.min(high, to);
    }
    return { length: Math.max(0, high - low), at: (position) => low + position };
  }

  private filtered(clauses: readonly Clause[], byTime: boolean): Found {
    const named = clauses.find((clause) => clause.kind === "ids");
    const candidates =
      named === undefined
        ? Array.from({ length: this.count }, (_, number) => number)
        : named.ids.map((id) => id - FIRST_ID).sort((one, other) => one - other);

    const numbers = candidates.filter((number) =>
      clauses.every((clause) => this.holds(number, clause)),
    );
    if (byTime) numbers.sort((one, other) => this.updated(one) - this.updated(other));
    return { length: numbers.length, at: (position) => numbers[position] as number };
  }

  private holds(number: number, clause: Clause): boolean {
    if (number < 0 || number >= this.count) return false;
    if (clause.kind === "key") return clause.keys.includes(`BENCH-${FIRST_ID + number}`);
    if (clause.kind === "id") {
      const [from, to] = ofId(clause);
      return number >= from && number < to;
    }
    if (clause.kind !== "time") return true;
    const minute = Math.floor(this.updated(number) / MINUTE_MS);
    const [from, to] = bounds(clause.comparison, clause.minute);
    return minute >= from && minute < to;
  }
}

function ofId(clause: Clause & { kind: "id" }): [from: number, to: number] {
  const [from, to] = bounds(clause.comparison, clause.id);
  return [from - FIRST_ID, to - FIRST_ID];
}

function ofMinute(clause: Clause & { kind: "time" }): [from: number, to: number] {
  const [from, to] = bounds(clause.comparison, clause.minute);
  const numberOf = (minute: number) => Math.ceil((minute * MINUTE_MS - FIRST_MS) / STEP_MS);
  return [numberOf(from), numberOf(to)];
}

/** Whole numbers from the first, to before the second. */
function bounds(comparison: string, of: number): [from: number, to: number] {
  switch (comparison) {
    case "=":
      return [of, of + 1];
    case "<":
      return [Number.NEGATIVE_INFINITY, of];
    case "<=":
      return [Number.NEGATIVE_INFINITY, of + 1];
    case ">":
      return [of + 1, Number.POSITIVE_INFINITY];
    default:
      return [of, Number.POSITIVE_INFINITY];
  }
}
