/**
 * A question that a person waits for: a connection test, a preview. A refusal of the vendor is an
 * answer, not a failure.
 */
import { CancellationScope } from "@temporalio/workflow";
import type { ProbeInput } from "../../schemas/run-probe.ts";
import { controlActivities, priorityOf, probeActivities } from "./activities.ts";
import { failureOf } from "./failures.ts";

export async function probeWorkflow(input: ProbeInput): Promise<void> {
  const priority = priorityOf("PROBE", input.tenantId);
  const { startProbe, finishProbe } = controlActivities(priority);
  try {
    const work = await startProbe(input);
    if (!work) return;
    const { runProbe } = probeActivities(priority, work.deadline);
    await finishProbe({ ...input, result: await runProbe(work) });
  } catch (caught) {
    const result = { summary: {}, key: null, error: failureOf(caught) };
    await CancellationScope.nonCancellable(() => finishProbe({ ...input, result }));
  }
}
