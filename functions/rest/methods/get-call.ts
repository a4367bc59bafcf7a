import { getCall as readCall } from "../../../adapters/dynamodb/calls/store.ts";
import type { GetCall } from "../../../schemas/operations/methods.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Request } from "../../runtime/request.ts";
import { shownCall } from "./call-answer.ts";
import type { MethodsDeps } from "./deps.ts";

export async function getCall(
  { path, identity, now }: Request<typeof GetCall>,
  deps: Pick<MethodsDeps, "tables" | "sealingKey" | "staging">,
): Promise<Answer> {
  const { endpointId, callId } = path;
  const call = await readCall(deps.tables, identity.tenantId, endpointId, callId);
  return ok(await shownCall(deps, call, now));
}
