import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openServer } from "../../tests/histories/stage.ts";
import { taskBacklog } from "./task-backlog.ts";

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await openServer();
});
afterAll(() => env?.teardown());

it("counts what waits on a queue that nobody polls", async () => {
  const taskQueue = "nobody-polls";
  expect(await taskBacklog(env.client, taskQueue)).toBe(0);
  for (const workflowId of ["one", "two", "three"]) {
    await env.client.workflow.start("ingestionRunWorkflow", { taskQueue, workflowId });
  }
  // The server counts a task when it is stored, a moment after its workflow was started.
  await vi.waitFor(async () => expect(await taskBacklog(env.client, taskQueue)).toBe(3), {
    timeout: 20_000,
  });
  expect(await taskBacklog(env.client, "another")).toBe(0);
});
