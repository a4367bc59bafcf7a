import { deleteSinkUnlessUsed } from "../../../adapters/dynamodb/sinks/deletion.ts";
import { getSink } from "../../../adapters/dynamodb/sinks/store.ts";
import { removeAllUnowned } from "../../../adapters/secrets/unowned-credentials.ts";
import type { DeleteSink } from "../../../schemas/operations/sinks.ts";
import { type Answer, noContent } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

export async function deleteSink(
  { path, identity, ifMatch, now }: Request<typeof DeleteSink>,
  { tables, credentials }: Pick<Deps, "tables" | "credentials">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getSink(tables, tenantId, path.sinkId);
  requireMatch(ifMatch, seen);
  await deleteSinkUnlessUsed(tables, seen, { actor: subject, now });
  // What is left of its credentials: were this to fail, the reconciler would remove them.
  await removeAllUnowned({ tables, credentials }, { tenantId, ownerId: path.sinkId }, now);
  return noContent();
}
