/**
 * A call of a method, in the order of document 004 (`executeIntegrationMethod`): each step is a
 * file beside this one. What stands around the printed steps is an answer from before, repetitions,
 * and what answers when the vendor cannot (docs/adr/0058).
 */
import { effectiveSettings, settingValues } from "../../core/effective-settings.ts";
import type { IntegrationResult } from "../../schemas/integration-result.ts";
import type { MethodCall, MethodDeps } from "./call.ts";
import { type CallFailed, failureOf, TimeIsUp } from "./call-failed.ts";
import { callVendor } from "./call-vendor.ts";
import { checkRateLimit, rateLimitText } from "./check-rate-limit.ts";
import { checkScopes } from "./check-scopes.ts";
import { fallBack, mayFallBack } from "./fall-back.ts";
import { getAdapter } from "./get-adapter.ts";
import { getCredentials } from "./get-credentials.ts";
import { loadDefinition } from "./load-definition.ts";
import { loadInstance } from "./load-instance.ts";
import { loadMethod } from "./load-method.ts";
import { note } from "./note.ts";
import { recordAnswered, recordExecuted, recordFailed } from "./record-outcome.ts";
import { forget, isFresh, type Memory, recall } from "./remember-answer.ts";
import { repeatSafely } from "./repeat-safely.ts";
import { transformedData, transformedParams } from "./tenant-transforms.ts";
import { throughBreaker } from "./through-breaker.ts";
import { beginTrace, type Target, type Trace } from "./trace.ts";
import { validateParams } from "./validate-params.ts";

/** Always a result; throws `TimeIsUp` alone, and only to who said that the call may go on. */
export async function executeMethod(
  deps: MethodDeps,
  call: MethodCall,
): Promise<IntegrationResult> {
  const trace = beginTrace(deps, call);
  let memory: Memory | undefined;

  try {
    const instance = await loadInstance(deps, call);
    const definition = await loadDefinition(deps, instance);
    const registered = await loadMethod(deps, instance, call.method);
    const target = aim(deps, trace, { instance, definition, registered });

    const faults = validateParams(target.method, call.params);
    if (faults.length > 0) return await answered(deps, trace, invalid(faults));

    memory = await recall(deps, trace, target);
    if (memory?.known && isFresh(memory.known, target)) {
      const { data } = memory.known;
      return await answered(deps, trace, { status: "SUCCESS", data, source: "CACHE" });
    }

    const credentials = await getCredentials(deps, instance, definition, trace.callId);
    const adapter = getAdapter(deps, definition, registered);
    checkScopes(target.method, credentials, adapter);

    const rateLimit = await checkRateLimit(deps, trace, target);
    if (!rateLimit.allowed) {
      const limited = tooMany(rateLimit.retryAfterSeconds);
      return await answered(deps, trace, (await instead(deps, trace, memory)) ?? limited);
    }

    const vendor = { target, adapter, credential: { current: credentials } };
    const context = { config: instance.endpoint.config, idempotencyKey: keyOf(trace) };
    await forget(deps, target);
    const data = await repeatSafely(deps, trace, target, () =>
      throughBreaker(deps, trace, target, {
        transformRequest: async () =>
          adapter.transformRequest(await transformedParams(deps, target, call.params), context),
        execute: (request) => callVendor(deps, trace, vendor, request),
        transformResponse: (answer) =>
          transformedData(deps, target, adapter.transformResponse(answer, context, call.params)),
      }),
    );
    const kept = Promise.all([forget(deps, target), memory?.keep(data)]);
    await note(trace, "the answer", kept);

    const result = { status: "SUCCESS", data } as const;
    await recordExecuted(deps, trace, result);
    return result;
  } catch (error) {
    if (error instanceof TimeIsUp) throw error;
    return failed(deps, trace, memory, failureOf(error, trace));
  }
}

/** What is called, with the settings in force for it. */
function aim(
  deps: MethodDeps,
  trace: Trace,
  loaded: Pick<Target, "instance" | "definition" | "registered">,
): Target {
  const { instance, definition, registered } = loaded;
  const settings = settingValues(
    effectiveSettings({
      environment: deps.operations,
      rateLimit: deps.rateLimit,
      connector: definition,
      endpointConfig: instance.endpoint.config,
      endpoint: instance.settings,
      method: registered.method.name,
    }),
  );

  const seconds = trace.call.isAsync ? settings.asyncSeconds : settings.totalSeconds;
  const until = new Date(trace.startedAt.getTime() + seconds * 1000);
  if (until < trace.deadline) trace.deadline = until;
  trace.target = { ...loaded, method: registered.method, settings };
  trace.log.obey(settings);
  return trace.target;
}

const invalid = (details: unknown): IntegrationResult => ({
  status: "ERROR",
  error: { code: "VALIDATION_ERROR", message: "Parameter validation failed", details },
});

const tooMany = (retryAfter: number): IntegrationResult => ({
  status: "ERROR",
  error: { code: "RATE_LIMIT_EXCEEDED", message: rateLimitText(retryAfter), retryAfter },
});

async function answered(
  deps: MethodDeps,
  trace: Trace,
  result: IntegrationResult,
): Promise<IntegrationResult> {
  await recordAnswered(deps, trace, result);
  return result;
}

/** Document 004's catch; and what answers in the vendor's place, where something does. */
async function failed(
  deps: MethodDeps,
  trace: Trace,
  memory: Memory | undefined,
  failure: CallFailed,
): Promise<IntegrationResult> {
  const { message, code, details, retryAfter } = failure;
  const error = { code, message, details, ...(retryAfter !== undefined && { retryAfter }) };
  if (trace.target && details.outcome !== "NOT_DONE")
    await note(trace, "that answers are old", forget(deps, trace.target));

  const other = mayFallBack(failure) ? await instead(deps, trace, memory) : undefined;
  const result: IntegrationResult = other ?? { status: "ERROR", error };
  await recordFailed(deps, trace, failure, result);
  return result;
}

/** A fallback's answer. */
async function instead(
  deps: MethodDeps,
  trace: Trace,
  memory: Memory | undefined,
): Promise<IntegrationResult | undefined> {
  if (!trace.target || trace.call.isFallback) return undefined;
  return fallBack(trace, trace.target, memory?.known, (call) => executeMethod(deps, call));
}

/** The same for every repetition of a call, and for whoever asks again with the same key. */
const keyOf = ({ call, callId }: Trace) => call.idempotencyKey ?? callId;
