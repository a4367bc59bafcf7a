import { beginEndpointDeletion } from "../../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import type { DeleteEndpoint } from "../../../schemas/operations/endpoints.ts";
import { type Answer, noContent } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

/** The endpoint is gone with the answer; a workflow removes what hung on it. */
export async function deleteEndpoint(
  { path, identity, ifMatch, now }: Request<typeof DeleteEndpoint>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getEndpoint(tables, tenantId, path.endpointId);
  requireMatch(ifMatch, seen);
  await beginEndpointDeletion(tables, seen, subject, now);
  return noContent();
}
