import { ulid } from "ulid";
import { listAllSinks, saveSink } from "../../adapters/dynamodb/sink-store.ts";
import { checkCredentials } from "../../core/config-faults.ts";
import { checkSinkConfig } from "../../core/sink-config.ts";
import type { CreateSink } from "../../schemas/operations/sinks.ts";
import type { Sink } from "../../schemas/sink.ts";
import { keepCredentials, newestConnector } from "../commands/endpoint-changes.ts";
import { type Answer, versioned } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";
import { refuseTakenName } from "./sink-names.ts";

export async function createSink(
  { body, identity, now }: Request<typeof CreateSink>,
  deps: Pick<Deps, "tables" | "credentials" | "surroundings">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const type = await newestConnector(deps, body.type, "sink", "type");
  checkSinkConfig(type, body.config, deps.surroundings);
  if (body.credentials) checkCredentials(type, body.credentials);
  const others = await listAllSinks(deps.tables, tenantId);
  refuseTakenName(others, body.name);
  const [at, sinkId] = [now.toISOString(), `snk_${ulid(now.getTime())}`];
  const kept = body.credentials && (await keepCredentials(deps, type, { tenantId, ownerId: sinkId }, body.credentials));
  const sink: Sink = {
    ...{ sinkId, tenantId, name: body.name, type: type.name, typeVersion: type.version, config: body.config },
    ownership: body.credentials ? "customer" : "platform",
    isDefault: body.isDefault ?? others.length === 0,
    credentialVersion: kept?.credentialVersion ?? null,
    ...{ version: 1, createdAt: at, updatedAt: at },
  };
  await saveSink(deps.tables, sink, undefined, subject);
  return versioned(sink, 201);
}
