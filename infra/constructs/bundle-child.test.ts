import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundle } from "./bundle.ts";

it("a function that evaluates expressions has its child beside it, wherever it lies", () => {
  const built = bundle("child/run-expression", "integrations/transform/run-expression.ts");
  const task = mkdtempSync(join(tmpdir(), "inlet-task-"));
  cpSync(built, task, { recursive: true });

  const program = `require("./index.js").evaluate("$sum(n)", { n: [1, 2] }).then(console.log)`;
  const output = execFileSync(process.execPath, ["-e", program], { cwd: task, env: {} });

  expect(String(output).trim()).toBe("3");
  expect(readdirSync(task).sort()).toEqual(["expression-child.js", "index.js", "jsonata.min.js"]);
});

it("other functions have none", () => {
  const built = bundle("child/health", "functions/rest/operations/handler.ts");
  expect(readdirSync(built)).toEqual(["index.js"]);
});
