import { describe, expect, it } from "vitest";
import { aRun, finished, inlet, problem, replies } from "./command-under-test.ts";

describe("--watch", () => {
  const start = [
    "runs",
    "start",
    "ep_01JD0000000000000000000001",
    "jira.issues",
    "--watch",
    "--json",
  ];

  it("waits for the end through a moment without answer, and prints the ended run", async () => {
    replies["POST /v1/runs"] = [{ status: 202, body: aRun({ status: "QUEUED" }) }];
    const running = { status: 200, body: aRun({ status: "RUNNING" }) };
    replies["GET /v1/runs/run_01JD0000000000000000000001"] = [
      running,
      problem("INTERNAL", "Try again."),
      finished("COMPLETE"),
    ];
    const { code, out, err } = await inlet(start);
    expect([code, JSON.parse(out).status]).toEqual([0, "COMPLETE"]);
    expect(err.split("\n").map((line) => line.split(" ")[0])).toEqual([
      "QUEUED",
      "RUNNING",
      "COMPLETE",
      "",
    ]);
  });

  it.each(["PARTIAL", "SUSPICIOUS", "FAILED", "CANCELLED", "SKIPPED"])(
    "%s exits with 6 and the reason",
    async (status) => {
      replies["POST /v1/runs"] = [{ status: 202, body: aRun({ status: "QUEUED" }) }];
      const error = {
        code: "AUTH_ERROR",
        message: "The site refuses. Put new credentials.",
        retryable: false,
      };
      replies["GET /v1/runs/run_01JD0000000000000000000001"] = [
        finished(status, { error, evidence: [{ message: "One project is hidden." }] }),
      ];
      const { code, err } = await inlet(start);
      expect(code).toBe(6);
      expect(err).toContain(
        `run ended ${status}\n  The site refuses. Put new credentials. (AUTH_ERROR)\n  One project`,
      );
    },
  );

  it("a run that was cancelled on request ended as it should", async () => {
    replies["POST /v1/runs/run_01JD0000000000000000000001/cancel"] = [
      { status: 202, body: aRun({ status: "RUNNING" }) },
    ];
    replies["GET /v1/runs/run_01JD0000000000000000000001"] = [finished("CANCELLED")];
    expect(
      (await inlet(["runs", "cancel", "run_01JD0000000000000000000001", "--watch"])).code,
    ).toBe(0);
  });

  it("a test that failed exits with 6 even when it was answered at once", async () => {
    const probe = {
      probeId: "p",
      kind: "TEST_SINK",
      status: "FAILED",
      finishedAt: "2026-11-21T06:00:05Z",
    };
    replies["POST /v1/sinks/snk_01JD0000000000000000000001/test"] = [{ status: 200, body: probe }];
    expect((await inlet(["sinks", "test", "snk_01JD0000000000000000000001"])).code).toBe(6);
  });
});
