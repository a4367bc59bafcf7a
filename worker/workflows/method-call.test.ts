import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCall, getCall } from "../../adapters/dynamodb/calls/store.ts";
import { resultOf, runCall } from "../../integrations/methods/run-call.ts";
import { aStoredCall, CALL_ID } from "../../tests/histories/call-scenarios.ts";
import { ENDPOINT } from "../../tests/histories/nouns.ts";
import { play } from "../../tests/histories/scenarios.ts";
import { openStage, type Stage } from "../../tests/histories/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const stored = (tenantId: string) => getCall(stage.tables, tenantId, ENDPOINT, CALL_ID);

describe("a call that nobody waits for", () => {
  it("is made, and its history holds nothing of what was asked or answered", async () => {
    const handle = await play(stage, "called");
    const call = await stored("called");
    expect(call).toMatchObject({ status: "COMPLETE", params: null });
    expect(resultOf(stage.calls, call)).toMatchObject({ status: "SUCCESS", data: { item: "tea" } });

    const history = JSON.stringify(await handle.fetchHistory());
    const encoded = Buffer.from("placeOrder").toString("base64").slice(0, 10);
    for (const word of ["tea", "placeOrder", encoded]) expect(history).not.toContain(word);
  });

  it("ends where no worker can make it, and says that nothing was done", async () => {
    await play(stage, "call-ended-unmade");
    const call = await stored("call-ended-unmade");
    expect(call.status).toBe("FAILED");
    expect(resultOf(stage.calls, call)).toMatchObject({
      error: { code: "EXECUTION_ERROR", details: { outcome: "NOT_DONE" } },
    });
  });

  it("is not made again after a lost worker may have made it", async () => {
    const call = { ...aStoredCall(stage, "lost"), sending: "ONCE" as const };
    await createCall(stage.tables, call);
    const deadline = new Date(Date.now() + 10_000);
    const ended = await runCall(stage.calls, call, { deadline, heldUntil: null, isAsync: true });
    expect(ended?.result).toMatchObject({
      error: { code: "EXECUTION_ERROR", details: { reason: "LOST", outcome: "UNKNOWN" } },
    });
    expect(await runCall(stage.calls, call, { deadline, heldUntil: null })).toBeUndefined();
  });
});
