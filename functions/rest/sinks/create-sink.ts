import { ulid } from "ulid";
import { requireDefaultSink } from "../../../adapters/dynamodb/sinks/default-sink.ts";
import { unlessSinkDeleted } from "../../../adapters/dynamodb/sinks/references.ts";
import { sinkRoleWrite } from "../../../adapters/dynamodb/sinks/role.ts";
import { listAllSinks, createSink as storeSink } from "../../../adapters/dynamodb/sinks/store.ts";
import { ownershipOf, throughFaults, throughOf } from "../../../core/common-data.ts";
import { throwFaults } from "../../../core/config-faults.ts";
import { checkSinkConfig } from "../../../core/sink-config.ts";
import { checkSinkCredentials, roleOf } from "../../../core/sink-credentials.ts";
import type { CreateSink } from "../../../schemas/operations/sinks.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { ProbeDeps } from "../../commands/ask-probe.ts";
import {
  giveUpCredentials,
  keepCredentials,
  newestConnector,
} from "../../commands/endpoint-changes.ts";
import { trySink } from "../../commands/try-sink.ts";
import type { Answer } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { readLimits } from "../../runtime/tenant-limits.ts";
import { shownSink } from "./shown-sink.ts";
import { refuseTakenName } from "./sink-names.ts";

export async function createSink(
  { body, identity, now }: Request<typeof CreateSink>,
  deps: ProbeDeps & Pick<Deps, "credentials" | "surroundings" | "platform">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const { name, config, credentials, isDefault = false } = body;
  const type = await newestConnector(deps, tenantId, body.type, "sink", "type");
  checkSinkConfig(type, config, deps.surroundings);
  checkSinkCredentials(type, config, credentials, deps.platform);
  await requireDefaultSink(deps.tables, tenantId, now);
  const others = await listAllSinks(deps.tables, tenantId);
  refuseTakenName(others, name);
  throwFaults(
    "The sink cannot be written so",
    throughFaults({ type: type.name, config, isDefault }, others),
  );
  const { quotas } = await readLimits(deps, tenantId);

  const [at, sinkId] = [now.toISOString(), `snk_${ulid(now.getTime())}`];
  const owner = { tenantId, ownerId: sinkId };
  const kept = credentials && (await keepCredentials(deps, type, owner, credentials, now));
  const roleArn = credentials ? roleOf(credentials) : null;
  const offered: Sink = {
    sinkId,
    tenantId,
    name,
    type: type.name,
    typeVersion: type.version,
    config,
    ownership: ownershipOf({ type: type.name, config }, others),
    isDefault,
    credentialVersion: kept?.credentialVersion ?? null,
    testedAt: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };

  try {
    const through = throughOf(offered);
    const sink = await trySink(deps, { sink: offered, roleArn }, now);
    const beside = [
      ...(kept ? [sinkRoleWrite(deps.tables, sink, roleArn)] : []),
      ...(through ? [unlessSinkDeleted(deps.tables, { tenantId, sinkId: through })] : []),
    ];
    await storeSink(deps.tables, sink, others, { actor: subject, limit: quotas.sinks, beside });
    return shownSink(deps, sink, 201);
  } catch (error) {
    if (kept) await giveUpCredentials(deps, owner, kept, now);
    throw error;
  }
}
