/** One request to the vendor, with its credential; and once more where that had expired. */
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import type { ErrorCode } from "../../schemas/errors.ts";
import { METRIC } from "../../schemas/names.ts";
import type { Refusal, VendorAnswer, VendorRequest } from "../plugin.ts";
import { VendorError } from "../vendor-http/vendor-error.ts";
import type { MethodDeps } from "./call.ts";
import { CallFailed } from "./call-failed.ts";
import { natureOf } from "./call-nature.ts";
import { noteLimits, rateLimitText } from "./check-rate-limit.ts";
import { connectorOf } from "./count-call.ts";
import type { Adapter } from "./get-adapter.ts";
import { renewCredentials } from "./get-credentials.ts";
import { hideIn, hideInAnswer, secretsOf } from "./hide-secrets.ts";
import { note } from "./note.ts";
import type { Target, Trace } from "./trace.ts";

/** As much as a result may hold in the memory of a function. */
const MOST_BYTES = 20_000_000;
const SHOWN_WORDS = 500;
/** Of a call that nobody waits for. */
const ASYNC_ATTEMPT_SECONDS = 120;

/**
 * The vendor's answer to what it did. Throws `CallFailed` for a refusal and for no answer. A
 * credential that the vendor refuses is renewed once in a call, whatever its repetitions.
 */
export async function callVendor(
  deps: MethodDeps,
  trace: Trace,
  { target, adapter, credential }: Vendor,
  request: VendorRequest,
): Promise<VendorAnswer> {
  const first = await ask(deps, trace, { target, adapter, credential }, request);
  if (!first.refusal) return first.answer;
  if (first.refusal.kind !== "AUTH") throw refused(trace, first.answer, first.refusal);

  const of = { [METRIC.connector]: connectorOf(trace) };
  deps.measure({ [METRIC.authFailures]: [1, "Count"] }, of);
  const renewed = trace.renewed
    ? undefined
    : await renewCredentials(deps, target.instance, credential.current, trace.callId);
  trace.renewed = true;
  trace.log.add("WARN", "the credential was refused", { renewed: renewed !== undefined });
  if (!renewed) throw refused(trace, first.answer, first.refusal);

  credential.current = renewed;
  const second = await ask(deps, trace, { target, adapter, credential }, request);
  if (second.refusal) throw refused(trace, second.answer, second.refusal);
  return second.answer;
}

export interface Vendor {
  readonly target: Target;
  readonly adapter: Adapter;
  /** Changes when it is renewed: repetitions go on with what the last request had. */
  readonly credential: { current: BrokeredCredential };
}

interface Answered {
  readonly answer: VendorAnswer;
  readonly refusal: Refusal | undefined;
}

async function ask(
  deps: MethodDeps,
  trace: Trace,
  { target, adapter, credential }: Vendor,
  plain: VendorRequest,
): Promise<Answered> {
  const { config } = target.instance.endpoint;
  const request = await adapter.authorize(plain, credential.current, config);
  trace.secrets = secretsOf(credential.current, plain, request);
  trace.credentialVersion = credential.current.version;

  const { method } = target;
  if (!method.safe) {
    const { safe, idempotent, hasIdempotencyKey } = natureOf(method);
    await trace.call.beforeSending?.(safe || idempotent || hasIdempotencyKey);
    trace.outcome = "UNKNOWN";
  }
  trace.attempts++;
  const startedMs = deps.now().getTime();
  const raw = await sent(deps, trace, target, request);
  const answer = hideInAnswer(raw, trace.secrets);

  const refusal = adapter.refusal(answer);
  if (!method.safe) trace.outcome = refusal ? (refusal.notDone ? "NOT_DONE" : "UNKNOWN") : "DONE";
  await note(trace, "the vendor's limits", noteLimits(deps, target, answer));
  trace.log.add("DEBUG", "the vendor answered", {
    status: answer.status,
    attempt: trace.attempts,
    durationMs: deps.now().getTime() - startedMs,
  });
  return { answer, refusal };
}

async function sent(
  { send, rules, now }: MethodDeps,
  trace: Trace,
  { settings, method }: Target,
  request: VendorRequest,
): Promise<VendorAnswer> {
  const { signal, isAsync } = trace.call;
  const left = trace.deadline.getTime() - now().getTime();
  const longest = isAsync ? ASYNC_ATTEMPT_SECONDS : settings.attemptSeconds;
  const timeoutMs = Math.max(1, Math.min(longest * 1000, left));

  try {
    return await send(request, { rules, timeoutMs, maxBytes: MOST_BYTES, signal });
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    if (!method.safe) trace.outcome = error.sent ? "UNKNOWN" : "NOT_DONE";
    const { kind, message } = error;
    const doubt = trace.outcome === "UNKNOWN" ? IN_DOUBT : "";
    throw new CallFailed(
      `${message}${doubt}`,
      { reason: kind, outcome: trace.outcome },
      {
        code: kind === "UNREACHABLE" ? "SOURCE_UNAVAILABLE" : "EXECUTION_ERROR",
        attempt: { kind, sent: error.sent },
      },
    );
  }
}

const IN_DOUBT = " It may have been done: look before you repeat it.";

const CODE = {
  AUTH: "AUTH_ERROR",
  FORBIDDEN: "SOURCE_FORBIDDEN",
  NOT_FOUND: "SOURCE_NOT_FOUND",
  INVALID: "SOURCE_REJECTED",
  RATE: "RATE_LIMIT_EXCEEDED",
  UNAVAILABLE: "SOURCE_UNAVAILABLE",
  OTHER: "EXECUTION_ERROR",
} as const satisfies Record<Refusal["kind"], ErrorCode>;

/** What the vendor answered to, as the result says it. */
function refused(trace: Trace, { status }: VendorAnswer, refusal: Refusal): CallFailed {
  const { kind, retryAfterSeconds: retryAfter, vendorMessage } = refusal;
  const words = vendorMessage && hideIn(vendorMessage, trace.secrets).slice(0, SHOWN_WORDS);
  const message =
    kind === "RATE" && retryAfter !== undefined
      ? rateLimitText(retryAfter)
      : hideIn(refusal.message, trace.secrets);

  return new CallFailed(
    message,
    {
      reason: "REFUSED",
      outcome: trace.outcome,
      vendorStatus: status,
      ...(words && { vendorMessage: words }),
    },
    { code: CODE[kind], retryAfter, attempt: { kind, notDone: refusal.notDone } },
  );
}
