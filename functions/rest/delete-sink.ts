import { deleteSinkUnlessUsed } from "../../adapters/dynamodb/sink-deletion.ts";
import { getSink } from "../../adapters/dynamodb/sink-store.ts";
import { removeCredentials } from "../../adapters/secrets/credential-store.ts";
import type { DeleteSink } from "../../schemas/operations/sinks.ts";
import { type Answer, noContent } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import { requireMatch } from "../runtime/if-match.ts";
import type { Request } from "../runtime/request.ts";

export async function deleteSink(
  { path, identity, ifMatch, now }: Request<typeof DeleteSink>,
  { tables, credentials }: Pick<Deps, "tables" | "credentials">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getSink(tables, tenantId, path.sinkId);
  requireMatch(ifMatch, seen);
  const forget = () => removeCredentials(credentials, { tenantId, ownerId: path.sinkId });
  await deleteSinkUnlessUsed(tables, seen, { actor: subject, now, forget });
  return noContent();
}
