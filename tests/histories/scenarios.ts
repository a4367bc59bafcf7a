/**
 * Every path of every workflow, played on a stage. The tests look at what it left; the recorder
 * keeps its history.
 */
import type { WorkflowHandle } from "@temporalio/client";
import { CALL_SCENARIOS } from "./call-scenarios.ts";
import { COLLECTION_SCENARIOS } from "./collection-scenarios.ts";
import { DELETION_SCENARIOS } from "./deletion-scenarios.ts";
import { MAINTENANCE_SCENARIOS } from "./maintenance-scenarios.ts";
import { idlePython } from "./python.ts";
import { RUN_SCENARIOS } from "./run-scenarios.ts";
import type { Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { WINDOW_SCENARIOS } from "./window-scenarios.ts";

export const SCENARIOS = {
  ...RUN_SCENARIOS,
  ...WINDOW_SCENARIOS,
  ...COLLECTION_SCENARIOS,
  ...DELETION_SCENARIOS,
  ...MAINTENANCE_SCENARIOS,
  ...CALL_SCENARIOS,
} satisfies Record<string, Scenario>;

/** Plays one path with a data plane of its own. */
export async function play(stage: Stage, name: keyof typeof SCENARIOS): Promise<WorkflowHandle> {
  stage.python = idlePython();
  return SCENARIOS[name](stage, name);
}
