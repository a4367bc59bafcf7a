import { describe, expect, it } from "vitest";
import { anEndpoint } from "../tests/histories/nouns.ts";
import {
  bothStatuses,
  connected,
  isProven,
  NOT_CONNECTED,
  refused,
  withAcceptedCredentials,
} from "./connection.ts";

const AT = "2026-11-21T10:00:00.000Z";
const now = new Date("2026-12-01T10:00:00.000Z");
const refusal = {
  code: "AUTH_ERROR",
  message: "Jira refused the credentials. Store valid ones.",
  retryable: false,
} as const;
const failure = { ...refusal, code: "SOURCE_UNAVAILABLE", retryable: true } as const;

describe("withAcceptedCredentials", () => {
  it.each([
    [
      { status: "FAILED", lastError: refusal, lastCollectedAt: null },
      { status: "NEW", lastError: null },
    ],
    [
      { status: "FAILED", lastError: refusal, lastCollectedAt: AT },
      { status: "READY", lastError: null },
    ],
    [
      { status: "FAILED", lastError: failure },
      { status: "FAILED", lastError: failure },
    ],
    [{ status: "COLLECTING", lastError: null }, { status: "COLLECTING" }],
  ] as const)("of %j makes %j, and it is connected", (before, after) => {
    const endpoint = anEndpoint("acme", {
      ...before,
      connection: refused(NOT_CONNECTED, refusal),
    });
    const connection = { status: "CONNECTED", error: null, lastConnectedAt: now.toISOString() };
    expect(withAcceptedCredentials(endpoint, now)).toMatchObject({ ...after, connection });
  });
});

describe("a connection", () => {
  it("that expires soon still does when the vendor takes it once more", () => {
    const expiring = { ...connected(NOT_CONNECTED, now), status: "EXPIRING" as const };
    expect(connected(expiring, now).status).toBe("EXPIRING");
  });

  it("is proven for ten minutes, and never by what was refused", () => {
    const shown = connected(NOT_CONNECTED, now);
    expect(isProven(shown, new Date(now.getTime() + 9 * 60_000))).toBe(true);
    expect(isProven(shown, new Date(now.getTime() + 10 * 60_000))).toBe(false);
    expect(isProven(refused(shown, refusal), now)).toBe(false);
    expect(isProven(NOT_CONNECTED, now)).toBe(false);
  });
});

describe("an endpoint of before there were two statuses", () => {
  const earlier = { lastError: null, lastCollectedAt: null, credentialVersion: "v" };

  it.each([
    ["whose collection was refused", { status: "AUTH_ERROR", lastError: refusal }, "FAILED"],
    [
      "whose address was changed",
      { status: "AUTH_ERROR", lastError: refusal, credentialVersion: null },
      "NEW",
    ],
    [
      "whose address was changed after a collection",
      { status: "AUTH_ERROR", lastError: refusal, credentialVersion: null, lastCollectedAt: AT },
      "READY",
    ],
  ])("%s is in AUTH_ERROR", (_, item, status) => {
    const connection = { ...NOT_CONNECTED, status: "AUTH_ERROR", error: refusal };
    expect(bothStatuses({ ...earlier, ...item })).toMatchObject({ status, connection });
  });

  it("that was collected with credentials is connected, and no other", () => {
    const ready = { ...earlier, status: "READY", lastCollectedAt: AT };
    expect(bothStatuses(ready).connection).toMatchObject({
      status: "CONNECTED",
      lastConnectedAt: AT,
    });
    for (const item of [
      { ...ready, credentialVersion: null },
      { ...ready, status: "FAILED", lastError: failure },
      { ...earlier, status: "NEW" },
    ])
      expect(bothStatuses(item)).toEqual({
        status: item.status,
        lastError: item.lastError,
        connection: NOT_CONNECTED,
      });
  });
});
