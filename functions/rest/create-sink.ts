import { ulid } from "ulid";
import { requireDefaultSink } from "../../adapters/dynamodb/default-sink.ts";
import { listAllSinks, createSink as storeSink } from "../../adapters/dynamodb/sink-store.ts";
import { checkCredentials } from "../../core/config-faults.ts";
import { checkSinkConfig } from "../../core/sink-config.ts";
import type { CreateSink } from "../../schemas/operations/sinks.ts";
import type { Sink } from "../../schemas/sink.ts";
import { keepCredentials, newestConnector } from "../commands/endpoint-changes.ts";
import { type Answer, versioned } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";
import { readLimits } from "../runtime/tenant-limits.ts";
import { refuseTakenName } from "./sink-names.ts";

export async function createSink(
  { body, identity, now }: Request<typeof CreateSink>,
  deps: Pick<Deps, "tables" | "credentials" | "surroundings" | "defaultQuotas">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const type = await newestConnector(deps, body.type, "sink", "type");
  checkSinkConfig(type, body.config, deps.surroundings);
  if (body.credentials) checkCredentials(type, body.credentials);
  await requireDefaultSink(deps.tables, tenantId, now);
  const others = await listAllSinks(deps.tables, tenantId);
  refuseTakenName(others, body.name);
  const { quotas } = await readLimits(deps, tenantId);

  const [at, sinkId] = [now.toISOString(), `snk_${ulid(now.getTime())}`];
  const owner = { tenantId, ownerId: sinkId };
  const kept = body.credentials && (await keepCredentials(deps, type, owner, body.credentials));
  const sink: Sink = {
    sinkId,
    tenantId,
    name: body.name,
    type: type.name,
    typeVersion: type.version,
    config: body.config,
    ownership: Object.keys(body.config).length > 0 ? "customer" : "platform",
    isDefault: body.isDefault ?? false,
    credentialVersion: kept?.credentialVersion ?? null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };

  await storeSink(deps.tables, sink, others, { actor: subject, limit: quotas.sinks });
  return versioned(sink, 201);
}
