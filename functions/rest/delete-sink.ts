import type { Tables } from "../../adapters/dynamodb/client.ts";
import { listEndpoints } from "../../adapters/dynamodb/endpoint-store.ts";
import { getSink, removeSink } from "../../adapters/dynamodb/sink-store.ts";
import { listUnitConfigs } from "../../adapters/dynamodb/unit-config-store.ts";
import { removeCredentials } from "../../adapters/secrets/credential-store.ts";
import { DomainError } from "../../schemas/errors.ts";
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
  await refuseUsed(tables, tenantId, path.sinkId);
  await removeSink(tables, seen, subject, now);
  await removeCredentials(credentials, { tenantId, ownerId: path.sinkId });
  return noContent();
}

async function refuseUsed(tables: Tables, tenantId: string, sinkId: string): Promise<void> {
  const { items: endpoints } = await listEndpoints(tables, tenantId, { limit: Number.MAX_SAFE_INTEGER });
  for (const { endpointId, name } of endpoints) {
    const used = (await listUnitConfigs(tables, tenantId, endpointId)).find((config) => config.sinkId === sinkId);
    if (!used) continue;
    const details = { endpointId, unitId: used.unitId };
    throw new DomainError(
      "CONFLICT",
      `Unit ${used.unitId} of "${name}" lands here. Give it another sink first.`,
      details,
    );
  }
}
