import { describe, expect, it } from "vitest";
import { anEndpoint } from "../tests/histories/nouns.ts";
import { withAcceptedCredentials } from "./accepted-credentials.ts";

const refused = {
  code: "AUTH_ERROR",
  message: "Jira refused the credentials. Store valid ones.",
  retryable: false,
} as const;
const failed = { ...refused, code: "SOURCE_UNAVAILABLE", retryable: true } as const;

describe("withAcceptedCredentials", () => {
  it.each([
    [
      { status: "AUTH_ERROR", lastError: refused, lastCollectedAt: null },
      { status: "NEW", lastError: null },
    ],
    [
      { status: "AUTH_ERROR", lastError: refused, lastCollectedAt: "2026-11-21T10:00:00.000Z" },
      { status: "READY", lastError: null },
    ],
    [
      { status: "FAILED", lastError: failed },
      { status: "FAILED", lastError: failed },
    ],
    [{ status: "COLLECTING", lastError: null }, { status: "COLLECTING" }],
  ] as const)("of %j makes %j", (before, after) => {
    expect(withAcceptedCredentials(anEndpoint("acme", before))).toMatchObject(after);
  });
});
