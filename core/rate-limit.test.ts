import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  isPerRecord,
  isQuota,
  isTooFast,
  type RateLimitRefusal,
  readRateLimit,
  resumeAt,
} from "./rate-limit.ts";

interface Vector {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly limit: RateLimitRefusal | null;
  readonly quota?: boolean;
  readonly perRecord?: boolean;
  readonly tooFast?: boolean;
  readonly resumeAt?: string;
}
const path = join(import.meta.dirname, "../schemas/examples/budget/refusals.json");
const { now: at, answers }: { now: string; answers: Vector[] } = JSON.parse(
  readFileSync(path, "utf8"),
);
const now = new Date(at);

describe("an answer that says not now", () => {
  it.each(
    answers.map((vector) => [JSON.stringify([vector.status, vector.headers]), vector] as const),
  )("is read as the Python worker reads it: %s", (_, vector) => {
    const limit = readRateLimit(vector.status, vector.headers, now);
    expect(limit ?? null).toEqual(vector.limit);
    if (!limit) return;
    expect([isQuota(limit), isPerRecord(limit), isTooFast(limit)]).toEqual([
      vector.quota,
      vector.perRecord,
      vector.tooFast,
    ]);
    expect(resumeAt(limit, now)).toEqual(new Date(vector.resumeAt ?? ""));
  });

  it("has a reason of one line, of printable ASCII, and of bounded length", () => {
    const headers = { "ratelimit-reason": `\u202e\r\n${"a".repeat(500)}` };
    expect(readRateLimit(429, headers, now)?.reason).toBe("a".repeat(64));
  });
});
