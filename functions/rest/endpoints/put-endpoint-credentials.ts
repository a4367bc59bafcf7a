import { getEndpoint, updateEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import type { PutEndpointCredentials } from "../../../schemas/operations/endpoints.ts";
import type { ProbeDeps } from "../../commands/ask-probe.ts";
import { connectorOf } from "../../commands/endpoint-changes.ts";
import { offerCredentials, settleCredentials, taking } from "../../commands/settle-credentials.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { checkMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

export async function putEndpointCredentials(
  { path, body, identity, ifMatch, now }: Request<typeof PutEndpointCredentials>,
  deps: ProbeDeps & Pick<Deps, "credentials">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getEndpoint(deps.tables, tenantId, path.endpointId);
  checkMatch(ifMatch, seen);
  const connector = await connectorOf(deps, seen);

  const offer = await offerCredentials(deps, connector, seen, body, { now });
  const { endpoint } = settleCredentials(
    { seen, draft: seen, from: connector, to: connector },
    now,
    offer,
  );
  const next = { ...endpoint, version: seen.version + 1, updatedAt: now.toISOString() };

  const action = "endpoint.credentials";
  await taking(deps, tenantId, offer, now, () =>
    updateEndpoint(deps.tables, next, seen, subject, { action }),
  );
  return versioned(next);
}
