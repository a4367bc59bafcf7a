/** What a call is, and what executing it works with. */
import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { RegisteredMethod } from "../../adapters/dynamodb/registry/methods.ts";
import type { EgressRules } from "../../core/egress-guard.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import type { OperationsSettings } from "../../schemas/operations-settings.ts";
import type { RateLimit } from "../../schemas/rate-limit.ts";
import type { TenantQuotas } from "../../schemas/tenant.ts";
import type { IntegrationPlugin } from "../plugin.ts";
import type { SendToVendor } from "../vendor-http/send.ts";
import type { LogLine } from "./call-log.ts";
import type { Instance } from "./instance.ts";

export interface MethodCall {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Who asks, as the audit names them. */
  readonly caller: string;
  /** Made where nobody gives one. */
  readonly callId?: string | undefined;
  /** The same for the same work: vendors that take one do it once. */
  readonly idempotencyKey?: string | undefined;
  /** Nobody waits longer; the settings may say less. */
  readonly deadline: Date;
  /** It was answered with 202: nobody waits for it. */
  readonly isAsync?: boolean | undefined;
  /** As the caller read it this moment, where it did. */
  readonly instance?: Instance | undefined;
  /**
   * Whether the call may go on elsewhere when its time is up, if it may be repeated: then it throws
   * `TimeIsUp` instead of telling that it failed.
   */
  readonly mayGoOn?: boolean | undefined;
  /**
   * Called before a request that may change something: whoever finds the call later knows whether
   * it may be made once more. The call waits for it, and ends where it throws.
   */
  readonly beforeSending?: ((mayRepeat: boolean) => Promise<void>) | undefined;
  /** It answers for another method, and has no fallback itself. */
  readonly isFallback?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads a credential through the broker; `versionSeen` is one that the vendor refused. */
export type ReadCredential = (
  owner: { readonly tenantId: string; readonly ownerId: string; readonly callId: string },
  versionSeen?: string,
) => Promise<BrokeredCredential>;

export interface MethodDeps {
  readonly tables: Tables;
  readonly defaultQuotas: TenantQuotas;
  /** The environment's: what holds where connector, endpoint and method say nothing. */
  readonly operations: OperationsSettings;
  readonly rateLimit: RateLimit;
  readonly rules: EgressRules;
  readonly readCredential: ReadCredential;
  readonly pluginOf: (
    definition: Connector,
    methods: readonly RegisteredMethod[],
  ) => IntegrationPlugin | undefined;
  readonly send: SendToVendor;
  /** 32 bytes: what answers are sealed with where they are kept. */
  readonly sealingKey: Uint8Array;
  readonly log: (line: LogLine) => void;
  readonly measure: Measure;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
}

export type Measure = (
  figures: Readonly<Record<string, readonly [value: number, unit: "Count" | "Milliseconds"]>>,
  dimensions: Readonly<Record<string, string>>,
) => void;
