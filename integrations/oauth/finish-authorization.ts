/** `processOAuthCallback` of document 004 from "Get integration instance" on, line by line. */

import { saveConnection } from "../../adapters/dynamodb/endpoints/connection.ts";
import { connectionValues } from "../../adapters/dynamodb/endpoints/items.ts";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { auditWrite, eventWrite } from "../../adapters/dynamodb/journal/entries.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { type OAuthState, stateTaken } from "../../adapters/dynamodb/oauth/states.ts";
import { all, exists, matches } from "../../adapters/dynamodb/table/condition.ts";
import { transact } from "../../adapters/dynamodb/table/transact.ts";
import { set } from "../../adapters/dynamodb/table/write.ts";
import { pointAtAuthorized } from "../../adapters/secrets/authorized-credentials.ts";
import { openEnvelope } from "../../adapters/secrets/read-credentials.ts";
import { connected, NOT_CONNECTED } from "../../core/connection.ts";
import type { Connection, Credentials, Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { OAuthCallbackResult } from "../../schemas/oauth.ts";
import { scopesOf } from "../credentials/oauth2.ts";
import type { TokenAnswer } from "../credentials/token-endpoint.ts";
import type { OAuth2Config } from "../plugin.ts";
import { instanceNotFound } from "./authorize.ts";
import { getDefinition, type OAuthDefinition } from "./definition.ts";
import type { OAuthDeps } from "./deps.ts";
import { exchangeCode } from "./exchange-code.ts";
import { INTERRUPTED, invalidState } from "./refusals.ts";
import { type ChosenSite, chooseSite } from "./sites.ts";

export type ConnectedResult = Extract<OAuthCallbackResult, { status: "SUCCESS" }>;

/** An authorization whose state was found, and is not expired. */
export interface UnderWay {
  readonly state: string;
  readonly stored: OAuthState;
}

/**
 * Exchanges the code, once, whatever is repeated: the state is taken before the vendor is asked.
 * Throws `VALIDATION_ERROR` when it was taken, `NOT_FOUND`, `CONFIG_INVALID`, or `AUTH_ERROR` once
 * the endpoint shows it.
 */
export async function finishAuthorization(
  deps: OAuthDeps,
  { state, stored }: UnderWay,
  code: string,
  now: Date,
): Promise<ConnectedResult> {
  const { tenantId, endpointId } = stored;
  const endpoint = await findEndpoint(deps.tables, tenantId, endpointId);
  if (!endpoint) throw instanceNotFound(endpointId);
  const definition = await getDefinition(deps, endpoint);
  const verifier = await openEnvelope(deps.credentials, ownerOf(stored), stored.verifier);

  await takeState(deps, { state, stored }, endpoint);
  try {
    const grant = { code, redirectUri: stored.redirectUri, verifier };
    const tokens = await exchangeCode(deps, definition, grant, now);
    const { sites } = definition.config;
    const site = await chooseSite(deps, endpoint, sites, tokens.accessToken);
    const connection = connectionOf(endpoint, stored, { tokens, site, definition }, now);

    const credentials = credentialsOf(definition, tokens, stored, now);
    const config = site.chosen === "FOUND" ? site.config : undefined;
    const authorized = { seen: endpoint, credentials, connection, config, actor: stored.subject };
    await pointAtAuthorized(deps, authorized, now);

    const message = connection.error?.message ?? "The endpoint is connected.";
    return { status: "SUCCESS", integrationInstanceId: endpointId, message };
  } catch (error) {
    await recordFailure(deps, stored, endpoint, error, now);
    throw error;
  }
}

export const ownerOf = ({ tenantId, endpointId }: OAuthState) => ({
  tenantId,
  ownerId: endpointId,
});

/**
 * From here on a crash leaves the endpoint in `AUTH_ERROR`: the code is spent, and nobody else will
 * say so.
 */
async function takeState(
  { tables }: OAuthDeps,
  { state }: UnderWay,
  { tenantId, endpointId, credentialVersion }: Endpoint,
): Promise<void> {
  const shown = connectionValues({ status: "AUTH_ERROR", error: INTERRUPTED, sites: null });
  const same = all(exists(), matches({ credentialVersion }));
  const changed = () =>
    new DomainError(
      "CONFLICT",
      "The endpoint's credentials were changed meanwhile. Repeat the request.",
    );

  await transact(tables, [
    stateTaken(tables, state, invalidState),
    set(tables.control, keys.endpoint(tenantId, endpointId), shown, same, changed),
  ]);
}

interface Granted {
  readonly tokens: TokenAnswer;
  readonly site: ChosenSite;
  readonly definition: OAuthDefinition;
}

function connectionOf(
  { connection: { lastConnectedAt } }: Endpoint,
  { scope }: OAuthState,
  { tokens, site, definition }: Granted,
  now: Date,
): Connection {
  const granted = tokens.scope ?? scope;
  const scopes = scopesOf(granted ?? undefined);
  const expiresAt = renewBy(definition.config, tokens, now);
  const known = {
    ...NOT_CONNECTED,
    lastConnectedAt,
    expiresAt,
    scopes: scopes?.slice(0, 200) ?? null,
  };
  if (site.chosen !== "ASK") return connected(known, now);

  const { field = "" } = definition.config.sites ?? {};
  const message =
    `The authorization reaches ${site.sites.length} sites. Choose one of connection.sites: PATCH ` +
    `/endpoints/{endpointId} with its id as config.${field}.`;
  const error = { code: "CONFIG_INVALID", message, retryable: false } as const;
  return { ...known, error, sites: [...site.sites] };
}

/** When a person has to authorize again: null where a refresh token lives on by its use. */
function renewBy(
  { absoluteDays }: OAuth2Config,
  { refreshToken, expiresAt }: TokenAnswer,
  now: Date,
): string | null {
  if (refreshToken === undefined) return expiresAt?.toISOString() ?? null;
  if (absoluteDays === undefined) return null;
  return new Date(now.getTime() + absoluteDays * 86_400_000).toISOString();
}

/** The token fields that document 004 prints, beside the client; nothing of the answer as it came. */
function credentialsOf(
  { client }: OAuthDefinition,
  { accessToken, refreshToken, expiresAt, tokenType, scope }: TokenAnswer,
  stored: OAuthState,
  now: Date,
): Credentials {
  const granted = scope ?? stored.scope;
  return {
    authType: "oauth2",
    secret: {
      ...client,
      accessToken,
      ...(refreshToken !== undefined && { refreshToken }),
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
      tokenType,
      ...(granted && { scope: granted }),
      obtainedAt: now.toISOString(),
    },
  };
}

/** `AUTH_ERROR`, and the event, as the document's `catch` has it; its state is gone already. */
async function recordFailure(
  { tables }: OAuthDeps,
  { tenantId, endpointId, subject }: OAuthState,
  { credentialVersion, authType }: Endpoint,
  cause: unknown,
  now: Date,
): Promise<void> {
  const message = cause instanceof DomainError ? cause.message : INTERRUPTED.message;
  const error = { code: "AUTH_ERROR", message, retryable: false } as const;
  await saveConnection(tables, { tenantId, endpointId }, credentialVersion, {
    status: "AUTH_ERROR",
    error,
  });
  await recordRefusal(
    tables,
    { tenantId, endpointId, subject },
    authType ?? "oauth2",
    message,
    now,
  );
}

/** The event of document 004, and the audit entry. */
export async function recordRefusal(
  tables: OAuthDeps["tables"],
  { tenantId, endpointId, subject }: Pick<OAuthState, "tenantId" | "endpointId" | "subject">,
  authType: string,
  message: string,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  const data = { integrationInstanceId: endpointId, authType, error: message };
  const type = "integration.auth.failed";
  await transact(tables, [
    eventWrite(tables, { tenantId, occurredAt: at, type, data }),
    auditWrite(tables, {
      tenantId,
      at,
      actor: subject,
      action: "endpoint.oauth.fail",
      subject: `endpoint/${endpointId}`,
      before: null,
      after: { error: message },
    }),
  ]);
}
