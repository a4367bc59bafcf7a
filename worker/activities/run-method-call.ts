import { type RunCallDeps, runCall } from "../../integrations/methods/run-call.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { MethodCallAddress } from "../../schemas/method-call.ts";
import { LONGEST_ASYNC_SECONDS } from "../../schemas/operations-settings.ts";

/** Of one tenant, in one worker: its vendors may hang, and the others' calls go on. */
const MOST_OF_A_TENANT = 10;
const underWay = new Map<string, number>();

/**
 * Executes the call, if it is still to be executed. Throws `WORKER_BUSY`, before anything is done,
 * where the tenant has as many under way as one may.
 */
export async function runMethodCall(
  deps: RunCallDeps,
  { tenantId, endpointId, callId }: MethodCallAddress,
  signal: AbortSignal,
): Promise<void> {
  const others = underWay.get(tenantId) ?? 0;
  if (others >= MOST_OF_A_TENANT) {
    throw new DomainError(
      "WORKER_BUSY",
      `The tenant has ${others} calls under way in this worker. The call waits for one to end.`,
    );
  }

  underWay.set(tenantId, others + 1);
  try {
    const deadline = new Date(deps.now().getTime() + LONGEST_ASYNC_SECONDS * 1000);
    const address = { tenantId, endpointId, callId };
    await runCall(deps, address, { deadline, heldUntil: null, isAsync: true, signal });
  } finally {
    const left = (underWay.get(tenantId) ?? 1) - 1;
    if (left > 0) underWay.set(tenantId, left);
    else underWay.delete(tenantId);
  }
}
