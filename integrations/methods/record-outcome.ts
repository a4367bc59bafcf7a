/**
 * What is told of a call, whatever became of it: the audit of every one, the events as document 004
 * prints them, the endpoint's last use, figures. Bodies are in none of them.
 */
import { recordOutcome, updateLastUsed } from "../../adapters/dynamodb/methods/outcomes.ts";
import type { DomainEvent } from "../../schemas/event.ts";
import type { IntegrationResult } from "../../schemas/integration-result.ts";
import type { MethodDeps } from "./call.ts";
import type { CallFailed } from "./call-failed.ts";
import { countCall } from "./count-call.ts";
import { note } from "./note.ts";
import type { Trace } from "./trace.ts";

type Ended = Extract<
  DomainEvent,
  { type: "integration.method.executed" | "integration.method.failed" }
>;
type Told = Pick<Ended, "type" | "data"> | null;

/** The vendor did it: `integration.method.executed`. */
export async function recordExecuted(
  deps: MethodDeps,
  trace: Trace,
  result: IntegrationResult,
): Promise<void> {
  const { tenantId, endpointId } = trace.call;
  const lastUsed = updateLastUsed(deps.tables, tenantId, endpointId, deps.now());
  const told = {
    type: "integration.method.executed",
    data: { ...named(trace), status: "SUCCESS" },
  } as const;

  trace.log.add("INFO", "Integration method executed", { attempts: trace.attempts });
  await Promise.all([note(trace, "the last use", lastUsed), record(deps, trace, result, told)]);
}

/** Document 004's catch: `integration.method.failed`, with the error's text. */
export async function recordFailed(
  deps: MethodDeps,
  trace: Trace,
  failure: CallFailed,
  result: IntegrationResult,
): Promise<void> {
  const told = {
    type: "integration.method.failed",
    data: { ...named(trace), error: failure.message },
  } as const;

  trace.log.add("ERROR", "Integration method execution failed", {
    error: failure.message,
    code: failure.code,
    reason: failure.details.reason,
    outcome: failure.details.outcome,
    stack: framesOf(failure),
  });
  await record(deps, trace, result, told);
}

/** A call that was refused, or answered without the vendor: document 004 prints no event for it. */
export async function recordAnswered(
  deps: MethodDeps,
  trace: Trace,
  result: IntegrationResult,
): Promise<void> {
  const code = result.status === "ERROR" ? result.error.code : (result.source ?? null);
  trace.log.add(result.status === "ERROR" ? "WARN" : "INFO", "Integration method answered", {
    code,
  });
  await record(deps, trace, result, null);
}

/**
 * Of what the vendor did, the result stands, whatever becomes of its record: an error in its place
 * would have the caller do it again.
 */
async function record(
  deps: MethodDeps,
  trace: Trace,
  result: IntegrationResult,
  told: Told,
): Promise<void> {
  const now = deps.now();
  const { tenantId, endpointId, caller } = trace.call;
  const base = { tenantId, occurredAt: now.toISOString() };
  const logged = trace.log.takeEvents().map(({ level, message, fields }) => ({
    ...base,
    type: "integration.method.logged" as const,
    data: { ...named(trace), level, message, fields },
  }));

  countCall(deps, trace, result);
  const audit = {
    tenantId,
    at: base.occurredAt,
    actor: caller,
    action: "method.call",
    subject: `endpoint/${endpointId}`,
    before: null,
    after: audited(trace, result, now),
  };
  try {
    const ended = told ? [{ ...base, ...told } as Omit<Ended, "eventId">] : [];
    await recordOutcome(deps.tables, audit, [...ended, ...logged] as never);
  } catch (error) {
    trace.log.add("ERROR", "the call was not recorded", {
      errorName: error instanceof Error ? error.name : "unknown",
    });
  }
}

const named = ({ call }: Trace) => ({
  integrationInstanceId: call.endpointId,
  methodName: call.method,
});

function audited(trace: Trace, result: IntegrationResult, now: Date): object {
  const { callId, call, attempts, credentialVersion, startedAt, outcome } = trace;
  const durationMs = now.getTime() - startedAt.getTime();
  const base = { callId, method: call.method, attempts, credentialVersion, durationMs };
  return result.status === "SUCCESS"
    ? { ...base, status: result.status, source: result.source ?? "VENDOR" }
    : { ...base, status: result.status, code: result.error.code, outcome };
}

/** Where it arose: the text before the frames may quote what was being read. */
function framesOf({ cause, stack = "" }: CallFailed): readonly string[] {
  const of = cause instanceof Error && cause.stack ? cause.stack : stack;
  const frames = of.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 12).map((frame) => frame.trim());
}
