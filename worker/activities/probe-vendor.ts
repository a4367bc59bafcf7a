/**
 * Whether a vendor takes the credential of an endpoint that Python reads nothing of: its plugin
 * says what is asked. Of all others the data plane asks.
 */
import { spendOne } from "../../adapters/dynamodb/budgets/spend.ts";
import { findConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { vendorLimits } from "../../core/budget/limits.ts";
import { hasCatalogue } from "../../core/catalogue-rules.ts";
import { hideIn, hideInAnswer, secretsOf } from "../../integrations/methods/hide-secrets.ts";
import type { IntegrationPlugin, Refusal } from "../../integrations/plugin.ts";
import { VendorError } from "../../integrations/vendor-http/vendor-error.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { DomainError, ERRORS, type ErrorCode } from "../../schemas/errors.ts";
import type { SourceRef } from "../../schemas/references.ts";
import type { RunProbeResult } from "../../schemas/run-probe.ts";
import type { VendorDeps } from "./deps.ts";

const MOST_BYTES = 1_000_000;
/** Within what its activity may take, two requests included. */
const TIMEOUT_MS = 10_000;

/** Undefined where Python asks, or nobody can. What a person can mend is an answer. */
export async function probeVendor(
  deps: VendorDeps,
  tenantId: string,
  source: SourceRef,
): Promise<RunProbeResult | undefined> {
  const { connector: name, connectorVersion: version } = source;
  const connector = await findConnector(deps.tables, tenantId, name, version);
  if (!connector || hasCatalogue(connector)) return undefined;
  const plugin = deps.calls.pluginOf(connector, []);
  if (!plugin) return undefined;

  try {
    await spend(deps, tenantId, source, connector);
    const refusal = await askVendor(deps, source, plugin);
    if (refusal) throw new DomainError(CODES[refusal.kind], refusal.message);
    return { summary: {}, key: null, error: null };
  } catch (error) {
    return failed(error);
  }
}

/** One request of the budget that all callers share: a person waits for it. */
async function spend(
  { tables, calls, now }: VendorDeps,
  tenantId: string,
  { endpointId, config, authType }: SourceRef,
  { name, rateLimit }: Connector,
): Promise<void> {
  const owner = { tenantId, endpointId, connector: name };
  const limits = vendorLimits(calls.rateLimit, rateLimit, authType, config);
  const spent = await spendOne(tables, owner, limits, { people: true, now });
  if (spent.allowed) return;
  throw new DomainError(
    "RATE_LIMITED",
    `The endpoint's budget allows no request now. Try again in ${spent.retryAfterSeconds} seconds.`,
  );
}

/** Why the vendor refuses; a credential that it refuses is renewed once. */
async function askVendor(
  deps: VendorDeps,
  source: SourceRef,
  plugin: IntegrationPlugin,
): Promise<Refusal | undefined> {
  const credential = await readCredential(deps, source, null);
  const refusal = await askWith(deps, source, plugin, credential);
  if (refusal?.kind !== "AUTH") return refusal;

  const renewed = await readCredential(deps, source, credential.version).catch(noneNewer);
  if (!renewed || renewed.version === credential.version) return refusal;
  return askWith(deps, source, plugin, renewed);
}

function readCredential(
  { askBroker }: VendorDeps,
  { credential }: SourceRef,
  versionSeen: string | null,
): Promise<BrokeredCredential> {
  const { grant, tried, versionId } = credential ?? {};
  if (!grant)
    throw new DomainError(
      "AUTH_ERROR",
      "The endpoint has no credentials. Store them: PUT /endpoints/{endpointId}/credentials.",
    );
  return askBroker({ grant, versionSeen, versionId: tried ? versionId : null });
}

async function askWith(
  { calls: { send, rules } }: VendorDeps,
  { config }: SourceRef,
  plugin: IntegrationPlugin,
  credential: BrokeredCredential,
): Promise<Refusal | undefined> {
  const plain = plugin.probe(config, credential);
  const request = await plugin.authorize(plain, credential, config);
  const secrets = secretsOf(credential, plain, request);

  const answer = await send(request, { rules, timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES });

  const refusal = plugin.refusal(hideInAnswer(answer, secrets));
  return refusal && { ...refusal, message: hideIn(refusal.message, secrets) };
}

/** The vendor's own refusal says more. */
function noneNewer(error: unknown): undefined {
  if (!(error instanceof DomainError && error.code === "AUTH_ERROR")) throw error;
}

const CODES = {
  AUTH: "AUTH_ERROR",
  FORBIDDEN: "SOURCE_FORBIDDEN",
  NOT_FOUND: "SOURCE_NOT_FOUND",
  INVALID: "CONFIG_INVALID",
  RATE: "RATE_LIMITED",
  UNAVAILABLE: "SOURCE_UNAVAILABLE",
  OTHER: "UNEXPECTED_RESPONSE",
} as const satisfies Record<Refusal["kind"], ErrorCode>;

/** Of no whole answer: the guard's refusal is the config's fault. */
const UNANSWERED = {
  BLOCKED: "CONFIG_INVALID",
  TIMEOUT: "TIMEOUT",
  TOO_LARGE: "RESPONSE_TOO_LARGE",
  TLS: "SOURCE_TLS_FAILED",
  UNREACHABLE: "SOURCE_UNAVAILABLE",
  CANCELLED: "CANCELLED",
} as const satisfies Record<VendorError["kind"], ErrorCode>;

function failed(error: unknown): RunProbeResult {
  const known = error instanceof VendorError || error instanceof DomainError;
  if (!known) throw error;
  const code = error instanceof VendorError ? UNANSWERED[error.kind] : error.code;
  const message = error.message.slice(0, 2000);
  return { summary: {}, key: null, error: { code, message, retryable: ERRORS[code].retryable } };
}
