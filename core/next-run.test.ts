import { describe, expect, it } from "vitest";
import type { UnitConfig } from "../schemas/unit-config.ts";
import { nextRunAt } from "./next-run.ts";

const NOW = Date.parse("2026-11-21T10:07:00Z");
const config = { enabled: true, paused: false, scheduleIntervalMinutes: 15 } as UnitConfig;
const on = { enabled: true };

describe("nextRunAt", () => {
  it("is the next multiple of the interval", () => {
    expect(nextRunAt(config, on, NOW)).toBe("2026-11-21T10:15:00.000Z");
    expect(nextRunAt(config, on, Date.parse("2026-11-21T10:15:00Z"))).toBe("2026-11-21T10:30:00.000Z");
  });

  it("is never while anything holds the schedule", () => {
    const held = [
      undefined,
      { ...config, enabled: false },
      { ...config, paused: true },
      { ...config, scheduleIntervalMinutes: null },
    ];
    for (const one of held) expect(nextRunAt(one, on, NOW)).toBeNull();
    expect(nextRunAt(config, { enabled: false }, NOW)).toBeNull();
  });
});
