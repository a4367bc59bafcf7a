import { SignJWT } from "jose";
import * as z from "zod";
import type { VendorAnswer } from "../plugin.ts";
import type { VendorDeps } from "./deps.ts";
import type { Kind, Obtained, Secret } from "./kind.ts";
import type { OwnerEndpoint } from "./owner.ts";
import { signingKey } from "./private-key.ts";
import { sendOrRefuse } from "./token-endpoint.ts";
import { TokenRefused } from "./token-refused.ts";

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 256 * 1024;
/** GitHub takes ten minutes at most, and its clock may be behind ours. */
const JWT_SECONDS = 540;
const CLOCK_SECONDS = 60;

/**
 * A GitHub App: the app's JWT is exchanged for a token of one installation, good for an hour.
 * https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
 */
export const githubApp: Kind = { given: () => undefined, spends: false, obtain };

const Answer = z.object({
  token: z.string().min(1).max(4096),
  expires_at: z.iso.datetime({ offset: true }),
  permissions: z.record(z.string(), z.string()).default({}),
});

async function obtain(
  { send, rules, now }: VendorDeps,
  { appId = "", installationId = "", privateKey = "" }: Secret,
  { config }: OwnerEndpoint,
): Promise<Obtained> {
  const base = typeof config.baseUrl === "string" ? config.baseUrl : "https://api.github.com";
  const path = `app/installations/${encodeURIComponent(installationId)}/access_tokens`;
  const jwt = await appJwt(appId, privateKey, now());
  const request = {
    method: "POST",
    url: `${base.replace(/\/+$/, "")}/${path}`,
    headers: {
      authorization: `Bearer ${jwt}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    },
  } as const;

  const answer = await sendOrRefuse(() =>
    send(request, { rules, timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES }),
  );

  if (answer.status !== 201) throw new TokenRefused(faultOf(answer));
  const { token, expires_at, permissions } = readAnswer(answer);
  return {
    secret: { accessToken: token, tokenType: "Bearer" },
    expiresAt: new Date(expires_at),
    obtainedAt: now(),
    scopes: Object.entries(permissions).map(([name, level]) => `${name}:${level}`),
  };
}

function appJwt(appId: string, privateKey: string, now: Date): Promise<string> {
  const { key, algorithm } = signingKey(privateKey);
  if (algorithm !== "RS256") throw new TokenRefused("CLIENT");
  const seconds = Math.floor(now.getTime() / 1000);

  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(appId)
    .setIssuedAt(seconds - CLOCK_SECONDS)
    .setExpirationTime(seconds - CLOCK_SECONDS + JWT_SECONDS)
    .sign(key);
}

function readAnswer({ body }: VendorAnswer): z.infer<typeof Answer> {
  try {
    return Answer.parse(JSON.parse(Buffer.from(body).toString()));
  } catch {
    throw new TokenRefused("UNEXPECTED");
  }
}

/** 401: key or app; 404: the installation is gone; 403: it is suspended, or too many were asked. */
function faultOf({ status, headers }: VendorAnswer): TokenRefused["fault"] {
  const limited = headers["retry-after"] !== undefined || headers["x-ratelimit-remaining"] === "0";
  if (status === 429 || (status === 403 && limited)) return "BUSY";
  if (status === 401) return "CLIENT";
  if (status === 403 || status === 404) return "GRANT";
  return status >= 500 ? "UNAVAILABLE" : "UNEXPECTED";
}
