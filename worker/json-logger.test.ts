import { expect, it } from "vitest";
import { jsonLogger } from "./json-logger.ts";

function logged(message: string, meta: Record<string, unknown>): Record<string, unknown> {
  const lines: string[] = [];
  jsonLogger((line) => lines.push(line)).warn(message, meta);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

it("writes one line of names and ids, and nothing else that it is given", () => {
  const line = logged("Activity failed\nbadly", {
    workflowId: "t/x/run/1",
    attempt: 2,
    input: { password: "hunter2" },
  });
  expect(line).toMatchObject({
    message: "Activity failed",
    level: "WARN",
    service: "worker",
    workflowId: "t/x/run/1",
    attempt: 2,
  });
  expect(JSON.stringify(line)).not.toContain("hunter2");
});

it("names an error by its code, cut to what a line can carry", () => {
  const error = Object.assign(new Error("x".repeat(2000)), { type: "FENCED" });
  expect(logged("Activity failed", { error }).error).toMatchObject({
    name: "Error",
    type: "FENCED",
  });
  expect((logged("Activity failed", { error }).error as { message: string }).message).toHaveLength(
    500,
  );
});
