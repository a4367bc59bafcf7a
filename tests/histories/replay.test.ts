import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Runtime, Worker, type WorkflowBundleWithSourceMap } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { beforeAll, describe, expect, it } from "vitest";
import { fromDocument } from "./history-json.ts";
import { SCENARIOS } from "./scenarios.ts";
import { bundleWorkflows, quiet } from "./stage.ts";

const folder = join(import.meta.dirname, "recorded");
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

let workflows: WorkflowBundleWithSourceMap;
let edited: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  Runtime.install({ logger: quiet, telemetryOptions: { logging: { filter: "OFF" } } });
  workflows = await bundleWorkflows();
  edited = await bundleWorkflows("./seeded-edit.ts");
});

function replay(workflowBundle: WorkflowBundleWithSourceMap, file: string): Promise<void> {
  const { workflowId, history } = JSON.parse(readFileSync(join(folder, file), "utf8"));
  return Worker.runReplayHistory({ workflowBundle }, fromDocument(history), workflowId);
}

describe("recorded histories", () => {
  it("cover every path", () => {
    const paths = new Set(files.map((file) => file.replace(/(\.\d+)?\.json$/, "")));
    expect([...paths].sort()).toEqual(Object.keys(SCENARIOS).sort());
  });

  it.each(files)("%s replays on the workflows as they are", async (file) => {
    await replay(workflows, file);
  });

  it.each(files)("%s does not replay on an edit that breaks determinism", async (file) => {
    await expect(replay(edited, file)).rejects.toBeInstanceOf(DeterminismViolationError);
  });
});
