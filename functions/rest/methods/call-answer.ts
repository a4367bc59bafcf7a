/** Calls and results as they are answered. */
import type { StoredCall } from "../../../adapters/dynamodb/calls/items.ts";
import { linkTo } from "../../../adapters/s3/object-reader.ts";
import { answerBytes, PAGE_BYTES } from "../../../core/answer-size.ts";
import { isVendorsFault, resultStatus } from "../../../core/method-result.ts";
import { resultOf } from "../../../integrations/methods/run-call.ts";
import { ERRORS, type ErrorCode } from "../../../schemas/errors.ts";
import type { IntegrationResult } from "../../../schemas/integration-result.ts";
import type { MethodCall } from "../../../schemas/method-call.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { MethodsDeps } from "./deps.ts";

const LINK_SECONDS = 300;

export const fitsAnswer = (result: IntegrationResult): boolean => answerBytes(result) <= PAGE_BYTES;

/** A result, with the status that says the same. */
export function resultAnswer(result: IntegrationResult): Answer {
  const status = resultStatus(result);
  if (result.status === "SUCCESS") return { status, body: result };

  const { code, retryAfter } = result.error;
  return {
    status,
    body: result,
    ...(retryAfter !== undefined && {
      headers: { "retry-after": String(Math.max(1, Math.ceil(retryAfter))) },
    }),
    ...(Object.hasOwn(ERRORS, code) && { failure: code as ErrorCode }),
    ofVendor: isVendorsFault(result),
  };
}

export const takenAnswer = (call: StoredCall): Answer =>
  accepted(shown(call, null, null), placeOf(call));

/** Of a call that a request waited for its result, of any other how far it is. */
export async function callAnswer(
  deps: Pick<MethodsDeps, "sealingKey" | "staging">,
  call: StoredCall,
  now: Date,
): Promise<Answer> {
  const result = resultOf(deps, call);
  if (call.heldUntil !== null && result) return resultAnswer(result);
  return accepted(await shownCall(deps, call, now), placeOf(call));
}

/** A call with its result, or where that is. */
export async function shownCall(
  deps: Pick<MethodsDeps, "sealingKey" | "staging">,
  call: StoredCall,
  now: Date,
): Promise<MethodCall> {
  const { resultKey } = call;
  const url = resultKey && (await linkTo(deps.staging, resultKey, now, LINK_SECONDS));
  return shown(call, resultOf(deps, call), url);
}

function shown(
  call: StoredCall,
  result: IntegrationResult | null,
  resultUrl: string | null,
): MethodCall {
  const { callId, endpointId, method, status, queuedAt, startedAt, finishedAt } = call;
  return {
    callId,
    endpointId,
    method,
    status,
    result,
    resultUrl,
    queuedAt,
    startedAt,
    finishedAt,
  };
}

const placeOf = ({ endpointId, callId }: StoredCall) => `/endpoints/${endpointId}/calls/${callId}`;
