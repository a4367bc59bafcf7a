/**
 * A vendor with OAuth 2.0 on loopback: `oidc-provider`, which checks client, redirect, code and
 * PKCE for real, and grants whatever a person is asked for; and the sites that its tokens reach, as
 * Atlassian lists them.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import Provider from "oidc-provider";
import { freePort } from "./free-ports.ts";

export const CLIENT = { clientId: "inlet-test", clientSecret: "canary-client-secret" };
export const CALLBACK = "https://api.example/oauth/callback";
export const CONSOLE = "https://console.example/oauth";

export interface TokenRequest {
  readonly contentType: string;
  readonly form: URLSearchParams;
}
/** What the token endpoint answers in the place of the provider. */
export type Instead = (answer: ServerResponse) => void;

export interface OAuthVendor {
  readonly url: string;
  /** Every request to the token endpoint. */
  readonly asked: TokenRequest[];
  /** Every token that was given. */
  readonly tokens: string[];
  sites: object[];
  instead: Instead | undefined;
  /** Called when the provider has given tokens, before they arrive. */
  onGranted: (() => void) | undefined;
  /** A person's browser: logs in, agrees, and ends at this address. */
  browse(authorizationUrl: string): Promise<URL>;
  close(): Promise<void>;
}

export async function startOAuthVendor(): Promise<OAuthVendor> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const provider = providerAt(url);
  const answerOf = provider.callback();

  const vendor: OAuthVendor = {
    url,
    asked: [],
    tokens: [],
    sites: [],
    instead: undefined,
    onGranted: undefined,
    browse: (authorizationUrl) => browse(authorizationUrl, url),
    close: () => closed(server),
  };
  const server = createServer((request, answer) => {
    const { pathname } = new URL(request.url ?? "/", url);
    if (pathname === "/oauth/token") void token(vendor, answerOf, request, answer);
    else if (pathname === "/oauth/token/accessible-resources") sites(vendor, request, answer);
    else if (pathname.startsWith("/interaction/")) void agree(provider, request, answer);
    else void answerOf(request, answer);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return vendor;
}

type Answers = ReturnType<Provider["callback"]>;

function providerAt(url: string): Provider {
  return new Provider(url, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [CALLBACK, CONSOLE],
        response_types: ["code"],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    scopes: ["openid", "offline_access", "read:jira-work", "read:jira-user", "write:jira-work"],
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    issueRefreshToken: async () => true,
    findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    routes: { authorization: "/authorize", token: "/oauth/token" },
    cookies: { keys: ["of a test"] },
  });
}

/** The person logs in and agrees to everything. */
async function agree(provider: Provider, request: IncomingMessage, answer: ServerResponse) {
  const { params, prompt, session } = await provider.interactionDetails(request, answer);
  if (prompt.name === "login")
    return provider.interactionFinished(request, answer, { login: { accountId: "ann" } });

  const grant = new provider.Grant({
    accountId: session?.accountId ?? "ann",
    clientId: String(params.client_id),
  });
  grant.addOIDCScope(String(params.scope ?? ""));
  const grantId = await grant.save();
  return provider.interactionFinished(request, answer, { consent: { grantId } });
}

async function token(
  vendor: OAuthVendor,
  answerOf: Answers,
  request: IncomingMessage,
  answer: ServerResponse,
) {
  const body = await bodyOf(request);
  const contentType = request.headers["content-type"] ?? "";
  vendor.asked.push({ contentType, form: new URLSearchParams(body) });
  if (vendor.instead) return vendor.instead(answer);

  const send = answer.end.bind(answer);
  answer.end = ((text: unknown, ...rest: []) => {
    const said = JSON.parse(String(text)) as Record<string, unknown>;
    for (const name of ["access_token", "refresh_token"])
      if (said[name]) vendor.tokens.push(String(said[name]));
    if (said.access_token) vendor.onGranted?.();
    return send(text as string, ...rest);
  }) as typeof answer.end;
  return answerOf(Object.assign(request, { body }), answer);
}

function sites(vendor: OAuthVendor, request: IncomingMessage, answer: ServerResponse) {
  const bearer = request.headers.authorization?.replace(/^Bearer /, "");
  const known = bearer !== undefined && vendor.tokens.includes(bearer);
  answer.writeHead(known ? 200 : 401, { "content-type": "application/json" });
  answer.end(JSON.stringify(known ? vendor.sites : { message: "Unauthorized" }));
}

/** Follows redirects with the provider's cookies, as far as it leads elsewhere. */
async function browse(authorizationUrl: string, origin: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let next = new URL(authorizationUrl);
  for (let step = 0; step < 12; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(next, { redirect: "manual", headers: { cookie } });
    await answer.arrayBuffer();
    for (const line of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
      cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    if (!location) throw new Error(`The provider answered ${answer.status} at ${next.pathname}.`);
    next = new URL(location, next);
    if (next.origin !== origin) return next;
  }
  throw new Error("The provider never sent the browser back.");
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
