/** What is known of a call while it is executed: for its log, audit, events and figures. */
import { ulid } from "ulid";
import type { RegisteredMethod } from "../../adapters/dynamodb/registry/methods.ts";
import type { SettingValues } from "../../core/effective-settings.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { Method } from "../../schemas/method.ts";
import type { MethodCall, MethodDeps } from "./call.ts";
import type { Outcome } from "./call-failed.ts";
import { CallLog } from "./call-log.ts";
import type { Instance } from "./instance.ts";

/** The four that say what is called, once they are loaded. */
export interface Target {
  readonly instance: Instance;
  readonly definition: Connector;
  readonly method: Method;
  /** The method with how it is called, where the connector is interpreted. */
  readonly registered: RegisteredMethod;
  readonly settings: SettingValues;
}

export interface Trace {
  readonly call: MethodCall;
  readonly callId: string;
  readonly startedAt: Date;
  readonly log: CallLog;
  /** The caller's, or what the settings say, once they are loaded. */
  deadline: Date;
  /** Once loaded. */
  target: Target | undefined;
  /** Requests that were sent, or tried. */
  attempts: number;
  /** Whether the vendor has done something that it would not do twice alike. */
  outcome: Outcome;
  /** The credential was refused and another one was asked for: that is done once. */
  renewed: boolean;
  /** Version of the credential that the vendor was asked with. */
  credentialVersion: string | null;
  /** Values to take out of whatever is said. */
  secrets: readonly string[];
}

export function beginTrace(deps: MethodDeps, call: MethodCall): Trace {
  const startedAt = deps.now();
  const callId = call.callId ?? `cal_${ulid(startedAt.getTime())}`;
  const always = {
    callId,
    tenantId: call.tenantId,
    integrationInstanceId: call.endpointId,
    methodName: call.method,
  };

  return {
    call,
    callId,
    startedAt,
    log: new CallLog(deps.log, deps.operations, always),
    deadline: call.deadline,
    target: undefined,
    attempts: 0,
    outcome: "NOT_DONE",
    renewed: false,
    credentialVersion: null,
    secrets: [],
  };
}
