import { processCallback } from "../../integrations/oauth/callback.ts";
import type { OAuthDeps } from "../../integrations/oauth/deps.ts";
import type { GetOauthCallback } from "../../schemas/operations/oauth-callback.ts";
import type { Answer } from "../runtime/answer.ts";
import { browserOf, noBrowserCookie } from "../runtime/browser-cookie.ts";
import type { Request } from "../runtime/request.ts";

export async function getOauthCallback(
  request: Request<typeof GetOauthCallback>,
  deps: OAuthDeps,
): Promise<Answer> {
  const { query, now } = request;
  const body = await processCallback(deps, query, browserOf(deps, request), now);

  const headers = body.status === "SUCCESS" ? noBrowserCookie(deps) : {};
  return { status: body.status === "SUCCESS" ? 200 : 202, body, headers };
}
