/**
 * A vendor's token endpoint, by `oauth4webapi`, through the one way out. What it answers is read
 * here and stays here: never stored, shown or logged as it came.
 */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  type TokenEndpointRequestOptions,
} from "oauth4webapi";
import * as z from "zod";
import type { OAuth2Config, VendorAnswer } from "../plugin.ts";
import { VendorError } from "../vendor-http/vendor-error.ts";
import type { VendorDeps } from "./deps.ts";
import { type TokenFault, TokenRefused } from "./token-refused.ts";

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 64 * 1024;

export interface TokenAnswer {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly expiresAt: Date | null;
  readonly tokenType: string;
  readonly scope?: string;
}

type Asked = Pick<VendorDeps, "send" | "rules">;

export interface TokenServer {
  readonly as: AuthorizationServer;
  readonly options: TokenEndpointRequestOptions;
}

/** Throws `TokenRefused` where the address is none. */
export function tokenServer(deps: Asked, tokenUrl: string): TokenServer {
  const url = URL.canParse(tokenUrl) ? new URL(tokenUrl) : undefined;
  if (!url) throw new TokenRefused("UNEXPECTED");
  const as = { issuer: url.origin, token_endpoint: url.href };
  const options = {
    [customFetch]: (asked: string, { headers, body }: RequestInit) =>
      postForm(deps, asked, { ...(headers as Record<string, string>) }, String(body ?? "")),
    // The sender's guard judges the address, plain HTTP included.
    [allowInsecureRequests]: true,
  };
  return { as, options: options as TokenEndpointRequestOptions };
}

export function clientOf(
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
  how: OAuth2Config["clientAuthentication"],
): { client: Client; authentication: ClientAuth } {
  const make = how === "client_secret_basic" ? ClientSecretBasic : ClientSecretPost;
  return { client: { client_id: clientId }, authentication: make(clientSecret) };
}

async function postForm(
  { send, rules }: Asked,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<Response> {
  const answer = await sendOrRefuse(() =>
    send(
      { method: "POST", url, headers, body },
      { rules, timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES },
    ),
  );
  const isEmpty = [204, 205, 304].includes(answer.status);
  return new Response(isEmpty ? null : Buffer.from(answer.body), { status: answer.status });
}

/** What a request that failed on the way means for what was asked. */
export async function sendOrRefuse(work: () => Promise<VendorAnswer>): Promise<VendorAnswer> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof VendorError)) throw cause;
    if (cause.kind === "BLOCKED") throw new TokenRefused("UNEXPECTED", { cause });
    throw new TokenRefused(cause.sent ? "UNCLEAR" : "UNAVAILABLE", { cause });
  }
}

const text = z.string().min(1).max(16_384);
const TokenBody = z.object({
  access_token: text,
  refresh_token: text.nullish(),
  expires_in: z.coerce
    .number()
    .positive()
    .max(10 ** 9)
    .nullish(),
  token_type: z.string().min(1).max(40).nullish(),
  scope: z.string().max(8192).nullish(),
});
const ErrorBody = z.object({ error: z.string().max(200) });

/** The token fields of an answer (document 004). Throws `TokenRefused`. */
export async function readTokens(response: Response, now: Date): Promise<TokenAnswer> {
  const body = await jsonOf(response);
  // Zoho and GitHub say errors with status 200.
  const refusal = ErrorBody.safeParse(body);
  if (refusal.success) throw new TokenRefused(faultOf(refusal.data.error, response.status));
  if (response.status !== 200) throw new TokenRefused(faultOfStatus(response.status));

  const answer = TokenBody.safeParse(body);
  if (!answer.success) throw new TokenRefused("UNEXPECTED");
  const { access_token, refresh_token, expires_in, token_type, scope } = answer.data;
  return {
    accessToken: access_token,
    ...(refresh_token && { refreshToken: refresh_token }),
    expiresAt: expires_in ? new Date(now.getTime() + expires_in * 1000) : null,
    tokenType: token_type ?? "Bearer",
    ...(scope && { scope }),
  };
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** By what vendors say. */
const FAULTS: Readonly<Record<string, TokenFault>> = {
  invalid_grant: "GRANT",
  // GitHub.
  bad_refresh_token: "GRANT",
  // Zoho: a refresh token that was revoked.
  invalid_code: "GRANT",
  // Atlassian: "refresh_token is invalid".
  unauthorized_client: "GRANT",
  invalid_client: "CLIENT",
  incorrect_client_credentials: "CLIENT",
  invalid_client_secret: "CLIENT",
  // Zoho: too many access tokens of one refresh token within ten minutes.
  "access denied": "BUSY",
  slow_down: "BUSY",
  temporarily_unavailable: "UNAVAILABLE",
  server_error: "UNAVAILABLE",
};

const faultOf = (error: string, status: number): TokenFault =>
  FAULTS[error.toLowerCase()] ?? faultOfStatus(status);

function faultOfStatus(status: number): TokenFault {
  if (status === 429) return "BUSY";
  return status >= 500 ? "UNAVAILABLE" : "UNEXPECTED";
}
