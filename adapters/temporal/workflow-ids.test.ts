import { describe, expect, it } from "vitest";
import { scheduledRunId } from "./workflow-ids.ts";

const TICK = "t/x/e/ep/u/jira.issues/run-2026-01-01T00:05:00Z";

describe("scheduledRunId", () => {
  it("is the same for the same tick, differs between ticks, and sorts by time", () => {
    const next = TICK.replace("00:05", "00:10");
    expect(scheduledRunId(TICK)).toBe(scheduledRunId(TICK));
    expect(scheduledRunId(TICK) < scheduledRunId(next)).toBe(true);
    expect(scheduledRunId(TICK)).toMatch(/^run_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(scheduledRunId(TICK)).not.toBe(scheduledRunId(TICK.replace("/x/", "/y/")));
  });
});
