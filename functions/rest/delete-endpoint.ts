import { removeEndpoint } from "../../adapters/dynamodb/endpoint-removal.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import { removeCredentials } from "../../adapters/secrets/credential-store.ts";
import type { DeleteEndpoint } from "../../schemas/operations/endpoints.ts";
import { type Answer, noContent } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import { requireMatch } from "../runtime/if-match.ts";
import type { Request } from "../runtime/request.ts";

export async function deleteEndpoint(
  { path, identity, ifMatch, now }: Request<typeof DeleteEndpoint>,
  { tables, credentials }: Pick<Deps, "tables" | "credentials">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getEndpoint(tables, tenantId, path.endpointId);
  requireMatch(ifMatch, seen);
  await removeEndpoint(tables, seen, subject, now);
  await removeCredentials(credentials, { tenantId, ownerId: path.endpointId });
  return noContent();
}
