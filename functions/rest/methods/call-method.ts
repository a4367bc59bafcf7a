import { ulid } from "ulid";
import type { StoredCall } from "../../../adapters/dynamodb/calls/items.ts";
import { createCall, getCall, passOnCall } from "../../../adapters/dynamodb/calls/store.ts";
import { findAnswer } from "../../../adapters/dynamodb/requests/idempotency.ts";
import { TimeIsUp } from "../../../integrations/methods/call-failed.ts";
import { executeMethod } from "../../../integrations/methods/execute-method.ts";
import type { Instance } from "../../../integrations/methods/instance.ts";
import { findInstance } from "../../../integrations/methods/load-instance.ts";
import { runCall, sealParams, storeResult } from "../../../integrations/methods/run-call.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { CallMethod } from "../../../schemas/operations/methods.ts";
import { LONGEST_SYNC_SECONDS } from "../../../schemas/operations-settings.ts";
import type { Answer } from "../../runtime/answer.ts";
import type { Request } from "../../runtime/request.ts";
import { requireAgentMay } from "./agents-may.ts";
import { callAnswer, fitsAnswer, resultAnswer, takenAnswer } from "./call-answer.ts";
import type { MethodsDeps } from "./deps.ts";

type Asked = Request<typeof CallMethod>;

/** The gateway ends a request at 29 s: nobody executes a call for it any longer. */
const HELD_MS = 30_000;

export async function callMethod(request: Asked, deps: MethodsDeps): Promise<Answer> {
  const { identity, path, idempotency, now } = request;
  const { tenantId } = identity;
  const recorded = idempotency && (await findAnswer(deps.tables, tenantId, idempotency, now));
  if (recorded) {
    const { endpointId, callId } = recorded as StoredCall;
    return repeated(deps, request, await getCall(deps.tables, tenantId, endpointId, callId));
  }

  const instance = await findInstance(deps, tenantId, path.endpointId);
  if (!instance)
    throw new DomainError("NOT_FOUND", "There is no such endpoint. List them with GET /endpoints.");
  if (request.body.agent) await requireAgentMay(deps, instance, path.method);
  if (request.prefersAsync) {
    const call = aCall(deps, request, { status: "QUEUED", heldUntil: null });
    await createCall(deps.tables, call, idempotency);
    return takenAnswer(call);
  }
  return idempotency ? keyed(deps, request, instance) : unkeyed(deps, request, instance);
}

/** Stored before the vendor is asked, so that the same key never asks twice. */
async function keyed(deps: MethodsDeps, request: Asked, instance: Instance): Promise<Answer> {
  const call = aCall(deps, request, { status: "RUNNING", heldUntil: heldUntil(request.now) });
  await createCall(deps.tables, call, request.idempotency);
  return execute(deps, request, call, instance);
}

/** What the first request with this key was answered; or its work, where that request was lost. */
async function repeated(deps: MethodsDeps, request: Asked, call: StoredCall): Promise<Answer> {
  const isOpen = call.finishedAt === null;
  if (call.heldUntil === null || !isOpen) return callAnswer(deps, call, request.now);
  if (call.heldUntil <= request.now.toISOString()) return execute(deps, request, call);

  throw new DomainError(
    "IDEMPOTENCY_IN_FLIGHT",
    "The first request with this key is still being processed. Repeat it in a second.",
  );
}

async function execute(
  deps: MethodsDeps,
  request: Asked,
  call: StoredCall,
  instance?: Instance,
): Promise<Answer> {
  const { tables, now } = deps;
  const until = { deadline: deadlineOf(request.now), heldUntil: new Date(heldUntil(request.now)) };

  try {
    const ended = await runCall(deps, call, { ...until, instance, mayGoOn: true });
    if (ended && fitsAnswer(ended.result)) return resultAnswer(ended.result);
  } catch (error) {
    if (!(error instanceof TimeIsUp)) throw error;
    await passOnCall(tables, call, now());
  }
  const { tenantId, endpointId, callId } = call;
  return callAnswer(deps, await getCall(tables, tenantId, endpointId, callId), request.now);
}

/** Nothing is stored unless it goes on elsewhere, or its result is too large to be answered. */
async function unkeyed(deps: MethodsDeps, request: Asked, instance: Instance): Promise<Answer> {
  const call = aCall(deps, request, { status: "QUEUED", heldUntil: null });
  const { tenantId, endpointId, callId, method, caller } = call;
  const { params = {} } = request.body;
  const asked = { tenantId, endpointId, callId, method, caller, params, instance, mayGoOn: true };

  try {
    const result = await executeMethod(deps, { ...asked, deadline: deadlineOf(request.now) });
    if (fitsAnswer(result)) return resultAnswer(result);
    const attempt = ulid();
    const kept = { ...call, status: "RUNNING", attempt } as const;
    await createCall(deps.tables, kept);
    await storeResult(deps, kept, attempt, result);
  } catch (error) {
    if (!(error instanceof TimeIsUp)) throw error;
    await createCall(deps.tables, call);
  }
  return callAnswer(deps, await getCall(deps.tables, tenantId, endpointId, callId), request.now);
}

const deadlineOf = (now: Date) => new Date(now.getTime() + LONGEST_SYNC_SECONDS * 1000);
const heldUntil = (now: Date) => new Date(now.getTime() + HELD_MS).toISOString();

function aCall(
  deps: MethodsDeps,
  { identity, path, body, idempotency, now }: Asked,
  state: Pick<StoredCall, "status" | "heldUntil">,
): StoredCall {
  const callId = `cal_${ulid(now.getTime())}`;
  const address = { tenantId: identity.tenantId, endpointId: path.endpointId, callId };
  return {
    ...address,
    ...state,
    method: path.method,
    caller: identity.subject,
    vendorKey: idempotency?.key ?? callId,
    params: sealParams(deps, address, body.params ?? {}),
    result: null,
    resultKey: null,
    attempt: null,
    sending: null,
    queuedAt: now.toISOString(),
    startedAt: null,
    finishedAt: null,
  };
}
