import { beginAuthorization } from "../../../integrations/oauth/authorize.ts";
import type { OAuthDeps } from "../../../integrations/oauth/deps.ts";
import type { AuthorizeOauth } from "../../../schemas/operations/credentials.ts";
import type { Answer } from "../../runtime/answer.ts";
import { browserCookie } from "../../runtime/browser-cookie.ts";
import type { Request } from "../../runtime/request.ts";

export async function authorizeOauth(
  { path, body = {}, identity, now }: Request<typeof AuthorizeOauth>,
  deps: OAuthDeps,
): Promise<Answer> {
  const begun = await beginAuthorization(deps, path.endpointId, body, identity, now);
  return { status: 200, body: begun.result, headers: browserCookie(deps, begun.browser) };
}
