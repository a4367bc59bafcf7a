/**
 * Records the history of every workflow path, or of those named, into `recorded/`: node
 * tests/histories/record.ts [NAME]…. To be run with its name when a path is added, with no name
 * when a workflow's old executions may be forgotten; otherwise a change must replay what is
 * recorded (`patched`).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkflowHandle } from "@temporalio/client";
import { startEmulator } from "../stage/emulator.ts";
import { useEmulator } from "../stage/use-emulator.ts";
import { type History, toDocument } from "./history-json.ts";
import { play, SCENARIOS } from "./scenarios.ts";
import { openStage, type Stage } from "./stage.ts";

const folder = join(import.meta.dirname, "recorded");

const emulator = await startEmulator();
useEmulator(emulator.url);
const stage = await openStage();
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
for (const name of Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[]) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const handle = await play(stage, name);
  const histories = await fetchChain(stage, handle);
  for (const [position, history] of histories.entries()) {
    const suffix = histories.length > 1 ? `.${position + 1}` : "";
    const document = JSON.stringify(
      { workflowId: handle.workflowId, history: scrubbed(history) },
      null,
      1,
    );
    writeFileSync(join(folder, `${name}${suffix}.json`), `${document}\n`);
  }
}
await stage.close();
await emulator.stop();

/** All executions that continue one another, oldest first. */
async function fetchChain({ client }: Stage, last: WorkflowHandle): Promise<History[]> {
  const chain = [await last.fetchHistory()];
  for (;;) {
    const before =
      chain[0]?.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before) return chain;
    chain.unshift(await client.workflow.getHandle(last.workflowId, before).fetchHistory());
  }
}

/** Without what tells of the machine it was recorded on: stack traces and process identities. */
function scrubbed(history: History): unknown {
  return JSON.parse(JSON.stringify(toDocument(history)), (name, value) => {
    if (name === "identity") return "recorder";
    if (name === "encodedAttributes" && value?.data)
      return { ...value, data: withoutStack(value.data) };
    return value;
  });
}

function withoutStack(data: string): string {
  const attributes = JSON.parse(Buffer.from(data, "base64").toString("utf8"));
  return Buffer.from(JSON.stringify({ ...attributes, stack_trace: "" })).toString("base64");
}
