import { completeAuthorization } from "../../../integrations/oauth/complete.ts";
import type { OAuthDeps } from "../../../integrations/oauth/deps.ts";
import type { CompleteOauth } from "../../../schemas/operations/credentials.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Request } from "../../runtime/request.ts";

export const completeOauth = async (
  { body, identity, now }: Request<typeof CompleteOauth>,
  deps: OAuthDeps,
): Promise<Answer> => ok(await completeAuthorization(deps, body, identity, now));
