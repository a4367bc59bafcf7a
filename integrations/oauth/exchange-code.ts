/** A code for tokens: form-encoded, with the client's secret and PKCE's verifier. */
import { authorizationCodeGrantRequest, validateAuthResponse } from "oauth4webapi";
import {
  clientOf,
  readTokens,
  type TokenAnswer,
  tokenServer,
} from "../credentials/token-endpoint.ts";
import { TokenRefused } from "../credentials/token-refused.ts";
import type { OAuthDefinition } from "./definition.ts";
import type { OAuthDeps } from "./deps.ts";
import { knownCode, noTokens } from "./refusals.ts";

export interface CodeGrant {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

/** Throws `AUTH_ERROR` without anything that the vendor wrote, but for a known code. */
export async function exchangeCode(
  deps: OAuthDeps,
  { config, client: known }: OAuthDefinition,
  { code, redirectUri, verifier }: CodeGrant,
  now: Date,
): Promise<TokenAnswer> {
  let said: string | undefined;
  try {
    const { as, options } = tokenServer(deps, config.tokenUrl);
    const { client, authentication } = clientOf(known, config.clientAuthentication);
    const granted = validateAuthResponse(
      as,
      client,
      new URLSearchParams({ code, state: "taken" }),
      "taken",
    );
    const answer = await authorizationCodeGrantRequest(
      as,
      client,
      authentication,
      granted,
      redirectUri,
      verifier,
      options,
    );
    said = await codeIn(answer.clone());
    return await readTokens(answer, now);
  } catch (error) {
    throw noTokens(error instanceof TokenRefused ? error : new TokenRefused("UNEXPECTED"), said);
  }
}

async function codeIn(answer: Response): Promise<string | undefined> {
  try {
    return knownCode(((await answer.json()) as { error?: unknown } | null)?.error);
  } catch {
    return undefined;
  }
}
