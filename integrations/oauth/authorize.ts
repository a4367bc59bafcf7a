/** `setupOAuthAuthentication` of document 004, line by line; with PKCE, and bound to a browser. */
import { calculatePKCECodeChallenge } from "oauth4webapi";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { auditWrite } from "../../adapters/dynamodb/journal/entries.ts";
import { stateWrites } from "../../adapters/dynamodb/oauth/states.ts";
import { transact } from "../../adapters/dynamodb/table/transact.ts";
import { sealText } from "../../adapters/secrets/credential-store.ts";
import { mayConnect } from "../../core/egress-guard.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { AuthorizeInput, OAuthSetupResult } from "../../schemas/oauth.ts";
import type { Identity } from "../../schemas/tenant.ts";
import type { OAuth2Config } from "../plugin.ts";
import { getDefinition, type OAuthDefinition } from "./definition.ts";
import type { OAuthDeps } from "./deps.ts";
import { hashOf, newTicket } from "./tickets.ts";

export interface Begun {
  readonly result: OAuthSetupResult;
  /** For the cookie of the browser that asked, which the callback knows again. */
  readonly browser: string;
}

/**
 * Throws `NOT_FOUND`, or `CONFIG_INVALID` when the endpoint has no OAuth 2.0 or the redirect is not
 * one of ours.
 */
export async function beginAuthorization(
  deps: OAuthDeps,
  endpointId: string,
  { redirectUri = deps.redirects.own, scopes }: AuthorizeInput,
  identity: Identity,
  now: Date,
): Promise<Begun> {
  const { tables } = deps;
  const { tenantId, subject } = identity;
  checkRedirect(deps, redirectUri);
  const endpoint = await findEndpoint(tables, tenantId, endpointId);
  if (!endpoint) throw instanceNotFound(endpointId);
  const definition = await getDefinition(deps, endpoint);

  const [state, browser, verifier] = [newTicket(), newTicket(), newTicket()];
  const scope = scopeOf(definition.config, scopes);
  const asked = { redirectUri, state, scope, verifier };
  const authorizationUrl = await authorizationUrlOf(deps, definition, asked);

  const timestamp = now.toISOString();
  const begun = {
    tenantId,
    endpointId,
    subject,
    redirectUri,
    scope: scope ?? null,
    timestamp,
    verifier: await sealText(deps.credentials, { tenantId, ownerId: endpointId }, verifier),
    browser: hashOf(browser),
  };
  const audited = {
    tenantId,
    at: timestamp,
    actor: subject,
    action: "endpoint.oauth.begin",
    subject: `endpoint/${endpointId}`,
    before: null,
    after: { redirectUri, scope: scope ?? null, versionId: endpoint.credentialVersion },
  };
  await transact(tables, [...stateWrites(tables, state, begun), auditWrite(tables, audited)]);

  return { result: { authorizationUrl, state }, browser };
}

export const instanceNotFound = (endpointId: string) =>
  new DomainError(
    "NOT_FOUND",
    `Integration instance not found: ${endpointId}. List them with GET /endpoints.`,
  );

function checkRedirect({ redirects }: OAuthDeps, redirectUri: string): void {
  if ([redirects.own, ...redirects.registered].includes(redirectUri)) return;
  const message = "must be left out, or one that the operators of this deployment registered";
  throw new DomainError("CONFIG_INVALID", `redirectUri ${message}.`, {
    errors: [{ path: "redirectUri", message }],
  });
}

const scopeOf = ({ scope, scopeSeparator = " " }: OAuth2Config, asked?: readonly string[]) =>
  asked?.length ? asked.join(scopeSeparator) : scope;

interface Asked {
  readonly redirectUri: string;
  readonly state: string;
  readonly scope: string | undefined;
  readonly verifier: string;
}

/** The parameters and their order are the document's; PKCE comes last (RFC 7636). */
async function authorizationUrlOf(
  { rules }: OAuthDeps,
  { config, client }: OAuthDefinition,
  { redirectUri, state, scope, verifier }: Asked,
): Promise<string> {
  if (!mayConnect(config.authorizationUrl, rules)) {
    throw new DomainError(
      "CONFIG_INVALID",
      "The vendor's authorization address is not one that people may be sent to. Correct the " +
        "config.",
    );
  }

  const authUrl = new URL(config.authorizationUrl);
  authUrl.searchParams.append("client_id", client.clientId);
  authUrl.searchParams.append("redirect_uri", redirectUri);
  authUrl.searchParams.append("response_type", "code");
  authUrl.searchParams.append("state", state);
  if (scope) authUrl.searchParams.append("scope", scope);
  for (const [key, value] of Object.entries(config.additionalParameters ?? {}))
    authUrl.searchParams.append(key, value);
  authUrl.searchParams.append("code_challenge", await calculatePKCECodeChallenge(verifier));
  authUrl.searchParams.append("code_challenge_method", "S256");
  return authUrl.toString();
}
