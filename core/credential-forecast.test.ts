import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CredentialFacts, forecastCredential } from "./credential-forecast.ts";

const DAY_MS = 86_400_000;
const start = new Date("2026-12-01T00:00:00.000Z");
const day = (n: number) => new Date(start.getTime() + n * DAY_MS);
const facts = (changes: Partial<CredentialFacts> = {}): CredentialFacts => ({
  expiresAt: null,
  givenAt: start,
  renewedAt: null,
  ...changes,
});
const atlassian = facts({ renewedAt: start, idleDays: 90, absoluteDays: 365 });

describe("a forecast", () => {
  it("knows no end of what has none", () => {
    expect(forecastCredential(facts(), day(1000))).toMatchObject({
      endsAt: null,
      isExpiring: false,
      renewNow: false,
    });
  });

  it.each([
    [0, false, false],
    [44, false, false],
    [45, false, true],
    [350, false, true],
    [351, true, true],
    [400, true, true],
  ])("of Atlassian's refresh token, untouched, at day %i", (n, isExpiring, renewNow) => {
    const told = forecastCredential(atlassian, day(n));
    expect(told).toMatchObject({ endsAt: day(365), isExpiring, renewNow });
  });

  it("takes the earlier of what a person said and what the vendor limits", () => {
    const said = { ...atlassian, expiresAt: day(20) };
    expect(forecastCredential(said, day(5))).toMatchObject({ endsAt: day(20), isExpiring: false });
    expect(forecastCredential(said, day(6))).toMatchObject({ isExpiring: true });
  });

  it("looks again later, and no later than anything it tells changes", () => {
    const days = fc.integer({ min: 1, max: 400 });
    const some = fc.record({ idle: fc.option(days), absolute: fc.option(days), now: days });
    fc.assert(
      fc.property(some, ({ idle, absolute, now }) => {
        const limits = {
          ...(idle !== null && { idleDays: idle }),
          ...(absolute !== null && { absoluteDays: absolute }),
        };
        const known = facts({ renewedAt: start, ...limits });
        const told = forecastCredential(known, day(now));
        const before = new Date(told.lookAgainAt.getTime() - 1);
        const then = forecastCredential(known, before);
        return (
          told.lookAgainAt > day(now) &&
          then.isExpiring === told.isExpiring &&
          then.renewNow === told.renewNow
        );
      }),
    );
  });
});
