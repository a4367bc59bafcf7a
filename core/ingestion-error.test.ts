import { describe, expect, it } from "vitest";
import { ingestionError, NON_RETRYABLE_CODES } from "./ingestion-error.ts";

describe("ingestionError", () => {
  it("shows what our own code said", () => {
    const shown = {
      code: "AUTH_ERROR",
      message: "The token is refused. Store a new one.",
      retryable: false,
    };
    expect(ingestionError("AUTH_ERROR", shown.message)).toEqual(shown);
  });

  it.each(["TypeError", null, "INTERNAL"])("masks a failure of type %s", (type) => {
    const shown = ingestionError(type, "connect ECONNREFUSED with password hunter2");
    expect(shown.code).toBe("INTERNAL");
    expect(shown.message).not.toContain("hunter2");
  });

  it("cuts what is too long to keep", () => {
    expect(ingestionError("SINK_REJECTED", "x".repeat(5000)).message).toHaveLength(2000);
  });

  it("names what no retry can help", () => {
    expect(NON_RETRYABLE_CODES).toContain("FENCED");
    expect(NON_RETRYABLE_CODES).not.toContain("SOURCE_UNAVAILABLE");
  });
});
