/**
 * `GET /oauth/callback`, where vendors send browsers: public, so it stands alone, with no more
 * rights than it needs.
 */
import { GetOauthCallback } from "../../schemas/operations/oauth-callback.ts";
import { oauthDeps } from "../runtime/oauth-deps.ts";
import { once } from "../runtime/once.ts";
import { type Handler, restHandler, route } from "../runtime/rest.ts";
import { getOauthCallback } from "./get-oauth-callback.ts";
import { pageOf } from "./page.ts";

const answered = restHandler([route(GetOauthCallback, getOauthCallback)], once(oauthDeps));

/** JSON to whoever asks for it, or for nothing; a page to everybody else. */
export const handler: Handler = async (event, context) => {
  const answer = await answered(withKnownQuery(event), context);
  return takesJson(event) ? answer : pageOf(answer);
};

const KNOWN = Object.keys(GetOauthCallback.query.shape);

/** Vendors add parameters of their own (Zoho its data centre, others a session): nobody reads them. */
function withKnownQuery(event: unknown): unknown {
  const sent = partOf(event, "queryStringParameters");
  const queryStringParameters = Object.fromEntries(sent.filter(([name]) => KNOWN.includes(name)));
  return { ...(event as object), queryStringParameters };
}

function takesJson(event: unknown): boolean {
  const [, accept] =
    partOf(event, "headers").find(([name]) => name.toLowerCase() === "accept") ?? [];
  return typeof accept !== "string" || /^\s*application\/(problem\+)?json\b/i.test(accept);
}

function partOf(event: unknown, name: "headers" | "queryStringParameters"): [string, unknown][] {
  const part = (event as Record<string, unknown> | null | undefined)?.[name];
  return typeof part === "object" && part !== null ? Object.entries(part) : [];
}
