/**
 * A call that nobody waits for (`Prefer: respond-async`, or longer than a request may take). What
 * is asked and answered is in the stored call: nothing of it comes by here.
 */
import { CancellationScope } from "@temporalio/workflow";
import type { MethodCallAddress } from "../../schemas/method-call.ts";
import { callActivities, controlActivities, priorityOf } from "./activities.ts";

export async function methodCallWorkflow(input: MethodCallAddress): Promise<void> {
  try {
    await callActivities(input.tenantId).runMethodCall(input);
  } catch {
    const { endMethodCall } = controlActivities(priorityOf("PROBE", input.tenantId));
    await CancellationScope.nonCancellable(() => endMethodCall(input));
  }
}
