import { ulid } from "ulid";
import { beginCall, getCall } from "../../adapters/dynamodb/calls/store.ts";
import { LOST, type RunCallDeps, storeResult } from "../../integrations/methods/run-call.ts";
import type { MethodCallAddress } from "../../schemas/method-call.ts";

/** Ends a call that no worker could execute; one that has ended stays as it is. */
export async function endMethodCall(deps: RunCallDeps, call: MethodCallAddress): Promise<void> {
  const attempt = ulid(deps.now().getTime());
  if (!(await beginCall(deps.tables, call, { attempt, heldUntil: null }, deps.now()))) return;

  const { tenantId, endpointId, callId } = call;
  const stored = await getCall(deps.tables, tenantId, endpointId, callId);
  await storeResult(deps, stored, attempt, stored.sending === null ? NEVER_MADE : LOST);
}

const NEVER_MADE = {
  status: "ERROR",
  error: {
    code: "EXECUTION_ERROR",
    message: "No worker could make the call. Nothing was done. Call the method again.",
    details: { reason: "CANCELLED", outcome: "NOT_DONE" },
  },
} as const;
