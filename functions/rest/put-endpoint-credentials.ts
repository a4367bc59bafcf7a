import { getEndpoint, updateEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import type { PutEndpointCredentials } from "../../schemas/operations/endpoints.ts";
import type { ProbeDeps } from "../commands/ask-probe.ts";
import { connectorOf, keepCredentials } from "../commands/endpoint-changes.ts";
import { tryCredentials } from "../commands/try-credentials.ts";
import { type Answer, versioned } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import { checkMatch } from "../runtime/if-match.ts";
import type { Request } from "../runtime/request.ts";

export async function putEndpointCredentials(
  { path, body, identity, ifMatch, now }: Request<typeof PutEndpointCredentials>,
  deps: ProbeDeps & Pick<Deps, "credentials">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getEndpoint(deps.tables, tenantId, path.endpointId);
  checkMatch(ifMatch, seen);
  const connector = await connectorOf(deps, seen);
  const kept = await keepCredentials(deps, connector, { tenantId, ownerId: seen.endpointId }, body);
  const tried = await tryCredentials(deps, seen, kept, now);
  const next = { ...tried, version: seen.version + 1, updatedAt: now.toISOString() };
  await updateEndpoint(deps.tables, next, seen, subject, { action: "endpoint.credentials" });
  return versioned(next);
}
