/**
 * A stored call, executed: by the request that waits for it, or by the worker. Whoever finds one
 * that somebody else began asks the vendor again only where that does no harm.
 */
import { ulid } from "ulid";
import type { StoredCall } from "../../adapters/dynamodb/calls/items.ts";
import {
  beginCall,
  type CallAddress,
  endCall,
  getCall,
  markSending,
} from "../../adapters/dynamodb/calls/store.ts";
import type { IntegrationResult } from "../../schemas/integration-result.ts";
import { PREFIX } from "../../schemas/names.ts";
import type { MethodCall, MethodDeps } from "./call.ts";
import { executeMethod } from "./execute-method.ts";
import type { Instance } from "./instance.ts";
import { openJson, type SealedFor, sealJson } from "./sealing.ts";

/** Where results go that no item holds. */
export interface ResultStore {
  readonly put: (key: string, json: string) => Promise<void>;
}

export interface RunCallDeps extends MethodDeps {
  readonly results: ResultStore;
}

/** Of an item, which holds 400 kB. */
const LARGEST_BYTES = 300_000;

interface Running extends Pick<MethodCall, "deadline" | "isAsync" | "mayGoOn" | "signal"> {
  /** A request waits for it until then. */
  readonly heldUntil: Date | null;
  readonly instance?: Instance | undefined;
}

/** The result, stored; undefined for a call that has ended, or is gone. Throws `TimeIsUp`. */
export async function runCall(
  deps: RunCallDeps,
  address: CallAddress,
  { heldUntil, ...limits }: Running,
): Promise<{ attempt: string; result: IntegrationResult } | undefined> {
  const attempt = ulid(deps.now().getTime());
  const held = { attempt, heldUntil: heldUntil?.toISOString() ?? null };
  if (!(await beginCall(deps.tables, address, held, deps.now()))) return undefined;

  // Read after it was taken: whoever had it before can mark nothing any more.
  const { tenantId, endpointId, callId } = address;
  const stored = await getCall(deps.tables, tenantId, endpointId, callId);
  const result =
    stored.sending === "ONCE" ? LOST : await executeMethod(deps, callOf(deps, stored, limits));
  await storeResult(deps, stored, attempt, result);
  return { attempt, result };

  function callOf(of: RunCallDeps, call: StoredCall, given: typeof limits): MethodCall {
    return {
      ...given,
      tenantId,
      endpointId,
      callId,
      method: call.method,
      caller: call.caller,
      idempotencyKey: call.vendorKey,
      params: paramsOf(of, call),
      beforeSending: (mayRepeat) =>
        markSending(of.tables, address, attempt, mayRepeat ? "REPEATABLE" : "ONCE"),
    };
  }
}

/** Whoever executed it before was lost, and what the vendor did is not known. */
export const LOST: IntegrationResult = {
  status: "ERROR",
  error: {
    code: "EXECUTION_ERROR",
    message:
      "The process that made the call was lost, and the vendor may have done it. Look before you " +
      "repeat it.",
    details: { reason: "LOST", outcome: "UNKNOWN" },
  },
};

const sealedAs = ({ tenantId, endpointId, callId }: CallAddress, as: string): SealedFor => ({
  tenantId,
  endpointId,
  as: `${as} ${callId}`,
});

export const sealParams = (
  { sealingKey }: Pick<MethodDeps, "sealingKey">,
  address: CallAddress,
  params: MethodCall["params"],
): Uint8Array<ArrayBuffer> => sealJson(sealingKey, sealedAs(address, "params"), params);

function paramsOf({ sealingKey }: Pick<MethodDeps, "sealingKey">, call: StoredCall) {
  const params = call.params && openJson(sealingKey, sealedAs(call, "params"), call.params);
  return (params ?? {}) as MethodCall["params"];
}

/** The stored result; null for one that has not ended, or is too large for its item. */
export function resultOf(
  { sealingKey }: Pick<MethodDeps, "sealingKey">,
  call: StoredCall,
): IntegrationResult | null {
  const result = call.result && openJson(sealingKey, sealedAs(call, "result"), call.result);
  return (result ?? null) as IntegrationResult | null;
}

/** Quiet where somebody took the call over. */
export async function storeResult(
  { tables, sealingKey, results, now }: RunCallDeps,
  call: StoredCall,
  attempt: string,
  result: IntegrationResult,
): Promise<void> {
  const status = result.status === "SUCCESS" ? "COMPLETE" : "FAILED";
  const sealed = sealJson(sealingKey, sealedAs(call, "result"), result);
  if (sealed.length <= LARGEST_BYTES) {
    await endCall(tables, call, attempt, { status, result: sealed, resultKey: null }, now());
    return;
  }

  const { tenantId, endpointId, callId } = call;
  const resultKey = `${PREFIX.calls}/${tenantId}/${endpointId}/${callId}/${attempt}.json`;
  await results.put(resultKey, JSON.stringify(result));
  await endCall(tables, call, attempt, { status, result: null, resultKey }, now());
}
