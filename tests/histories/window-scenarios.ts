/** Paths of a run whose window is open: it reads several times before it lands. */
import type { WorkflowHandle } from "@temporalio/client";
import { claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { closeWindow } from "../../adapters/temporal/close-window.ts";
import { scheduledRunId, workflowId } from "../../adapters/temporal/workflow-ids.ts";
import type { WindowClosing } from "../../schemas/merge-window.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import type { IngestionRunInput } from "../../schemas/run-plan.ts";
import type { RunUnitInput, RunUnitResult } from "../../schemas/run-unit.ts";
import { aUnitConfig, ENDPOINT, SINK, UNIT } from "./nouns.ts";
import { aCommit, aContinuation, aReading, aWait, failure, playing } from "./python.ts";
import { ended, type Scenario, untilTimerStarted } from "./scenario.ts";
import { aTenantAtWork, type Stage } from "./stage.ts";

const HOUR_MS = 3_600_000;
/** When the last reading of a window is due that nobody closes: the first one begins before. */
const SOON_MS = 6_000;
/** As many slices as one history has. */
const SLICES = 20;

export const WINDOW_SCENARIOS = {
  /** Two readings; the second one lands both. */
  async windowed(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, SOON_MS);
    stage.python.runIngestionUnitPythonWorker = playing(
      asked("STAGE", aReading),
      asked(undefined, (input) => aCommit(input, { rows: 10, done: true })),
    );
    return ended(await window.start());
  },

  async "window-closed"(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, HOUR_MS);
    stage.python.runIngestionUnitPythonWorker = playing(
      asked("STAGE", aReading),
      asked(undefined, (input) => aCommit(input, { rows: 10, done: true })),
    );
    return window.closed("READ");
  },

  async "window-closed-unread"(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, HOUR_MS);
    stage.python.runIngestionUnitPythonWorker = playing(
      asked("STAGE", aReading),
      asked("LAND", (input) => aCommit(input, { rows: 10, done: true })),
    );
    return window.closed("LAND");
  },

  /** The second reading has to wait for the vendor: what the first one staged does not. */
  async "window-closed-while-it-waits"(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, HOUR_MS + SOON_MS);
    stage.python.runIngestionUnitPythonWorker = playing(
      asked("STAGE", aReading),
      asked("STAGE", (input) => aWait(input, HOUR_MS)),
      asked("LAND", (input) => aCommit(input, { rows: 10, done: true })),
    );
    return window.closed("LAND", 2);
  },

  /** The second reading fails, and is to be tried again: what the first one staged lands. */
  async "window-closed-between-attempts"(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, HOUR_MS + SOON_MS);
    stage.python.runIngestionUnitPythonWorker = playing(asked("STAGE", aReading), (input) => {
      if (input.only === "LAND") return aCommit(input, { rows: 10, done: true });
      const resumeAt = new Date(Date.now() + HOUR_MS).toISOString();
      throw failure("RATE_LIMITED", "The source limits requests.", { resumeAt });
    });
    return window.closed("LAND", 2);
  },

  /** Nobody tells the run that its unit was paused while it waited. */
  async "window-of-a-paused-unit"(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, SOON_MS);
    stage.python.runIngestionUnitPythonWorker = playing(
      asked("STAGE", aReading),
      asked("LAND", (input) => aCommit(input, { rows: 10, done: true })),
    );
    const handle = await window.start();
    await untilTimerStarted(handle);
    await pause(stage, tenantId);
    return ended(handle);
  },

  /** Whoever joined the run was promised a reading, and then the unit was paused. */
  async "window-of-a-unit-paused-after-a-start"(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, HOUR_MS);
    stage.python.runIngestionUnitPythonWorker = playing(
      asked("STAGE", aReading),
      asked("LAND", (input) => aCommit(input, { rows: 10, done: true })),
    );
    const handle = await window.start();
    await untilTimerStarted(handle);
    await pause(stage, tenantId);
    await closeWindow(stage.client, handle.workflowId, "READ");
    return ended(handle);
  },

  async "window-cancelled"(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, HOUR_MS);
    stage.python.runIngestionUnitPythonWorker = async (input) => aReading(input);
    const handle = await window.start();
    await untilTimerStarted(handle);
    await handle.cancel();
    return ended(handle);
  },

  /** The history is renewed between the closing and the reading that it asks for. */
  async "window-continued-as-new"(stage, tenantId) {
    const window = await anOpenWindow(stage, tenantId, HOUR_MS);
    const parts = Array.from({ length: SLICES - 1 }, () => asked("STAGE", aContinuation));
    stage.python.runIngestionUnitPythonWorker = playing(
      ...parts,
      asked("STAGE", aReading),
      asked(undefined, (input) => aCommit(input, { rows: 10, done: true })),
    );
    return window.closed("READ");
  },
} satisfies Record<string, Scenario>;

const BY = { actor: "test", action: "unit.configure" };

async function pause({ tables }: Stage, tenantId: string): Promise<void> {
  const seen = aUnitConfig();
  await saveUnitConfig(tables, tenantId, { ...seen, paused: true, version: 2 }, seen, BY);
}

interface OpenWindow {
  readonly start: () => Promise<WorkflowHandle>;
  /** Starts it, and closes the window in the wait of that number; answers when it has ended. */
  readonly closed: (closing: WindowClosing, wait?: number) => Promise<WorkflowHandle>;
}

/** A scheduled run that has its unit, and lands after so many milliseconds. */
async function anOpenWindow(
  { tables, client }: Stage,
  tenantId: string,
  milliseconds: number,
): Promise<OpenWindow> {
  await aTenantAtWork(tables, tenantId);
  await saveUnitConfig(tables, tenantId, aUnitConfig(), undefined, BY);
  const unit = { tenantId, endpointId: ENDPOINT, unitId: UNIT };
  const id = `${workflowId.scheduledRun(tenantId, ENDPOINT, UNIT)}-2026-01-01T00:05:00Z`;
  const landsAt = new Date(Date.now() + milliseconds).toISOString();
  await claimUnit(
    tables,
    {
      ...unit,
      runId: scheduledRunId(id),
      trigger: "SCHEDULE",
      mode: "INCREMENTAL",
      sinkId: SINK,
      connector: "jira",
      workflowId: id,
      window: { readEveryMinutes: 60, landsAt },
    },
    new Date(),
  );

  const input: IngestionRunInput = { ...unit, runId: null, trigger: "SCHEDULE", resume: null };
  const start = () =>
    client.workflow.start(WORKFLOW.ingestionRun, {
      workflowId: id,
      taskQueue: TASK_QUEUE.typescript,
      args: [input],
    });
  const closed = async (closing: WindowClosing, wait = 1) => {
    const handle = await start();
    await untilTimerStarted(handle, wait);
    await closeWindow(client, id, closing);
    return ended(handle);
  };
  return { start, closed };
}

/** Plays an answer to what must be asked. */
function asked(only: RunUnitInput["only"], answer: (input: RunUnitInput) => RunUnitResult) {
  return (input: RunUnitInput): RunUnitResult => {
    if (input.only === only) return answer(input);
    throw failure("CONFIG_INVALID", `Slice ${input.slice} was asked for ${input.only ?? "all"}.`);
  };
}
