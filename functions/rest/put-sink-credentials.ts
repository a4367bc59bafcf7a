import { getConnector } from "../../adapters/dynamodb/connector-store.ts";
import { getSink, saveSink } from "../../adapters/dynamodb/sink-store.ts";
import type { PutSinkCredentials } from "../../schemas/operations/sinks.ts";
import { keepCredentials } from "../commands/endpoint-changes.ts";
import { type Answer, versioned } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import { checkMatch } from "../runtime/if-match.ts";
import type { Request } from "../runtime/request.ts";

export async function putSinkCredentials(
  { path, body, identity, ifMatch, now }: Request<typeof PutSinkCredentials>,
  deps: Pick<Deps, "tables" | "credentials">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getSink(deps.tables, tenantId, path.sinkId);
  checkMatch(ifMatch, seen);
  const type = await getConnector(deps.tables, seen.type, seen.typeVersion);
  const { credentialVersion } = await keepCredentials(deps, type, { tenantId, ownerId: seen.sinkId }, body);
  const next = { ...seen, credentialVersion, version: seen.version + 1, updatedAt: now.toISOString() };
  await saveSink(deps.tables, next, seen, subject, "sink.credentials");
  return versioned(next);
}
