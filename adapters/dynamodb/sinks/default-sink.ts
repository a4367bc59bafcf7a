/**
 * Every tenant has a default sink from its creation: its own part of the environment's lake
 * (docs/design/planes.md).
 */
import { createHash } from "node:crypto";
import { sinkTraits } from "../../../core/sink-traits.ts";
import type { Connector } from "../../../schemas/connector.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { Tables } from "../client.ts";
import { activeVersion, listPlatformConnectors } from "../registry/connectors.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";
import { SinkNameTaken } from "./name.ts";
import { listAllSinks, saveSink, sinkCreation } from "./store.ts";

const PLATFORM = "inlet";

/** The same for whoever makes it first, and no other tenant's. */
const lakeSinkId = (tenantId: string) =>
  `snk_${createHash("sha256").update(tenantId).digest("hex").slice(0, 26).toUpperCase()}`;

/**
 * Writes that give a tenant that is registered its default sink; none where it has sinks already,
 * since it worked here before that, and none before the registry knows the lake.
 */
export async function defaultSinkWrites(
  tables: Tables,
  tenantId: string,
  now: Date,
): Promise<ConditionalWrite[]> {
  const has = (await listAllSinks(tables, tenantId)).length > 0;
  const sink = has ? undefined : await newLakeSink(tables, tenantId, [], now);
  return sink
    ? sinkCreation(tables, sink, { actor: PLATFORM, had: 0, otherwise: beganMeanwhile })
    : [];
}

/**
 * The sink that new unit configs take. A tenant that has none, since nobody registered it or it is
 * older than this rule, is given it here, under the first name of "lake", "lake 2" and so on that
 * is free. Undefined before the registry knows the lake.
 */
export async function requireDefaultSink(
  tables: Tables,
  tenantId: string,
  now: Date,
): Promise<Sink | undefined> {
  const sinks = await listAllSinks(tables, tenantId);
  const found = sinks.find(({ isDefault }) => isDefault);
  if (found) return found;

  const own = sinks.find(({ sinkId }) => sinkId === lakeSinkId(tenantId));
  const sink = own
    ? { ...own, isDefault: true, version: own.version + 1 }
    : await newLakeSink(tables, tenantId, sinks, now);
  if (!sink) return undefined;

  if (own) {
    await saveSink(tables, sink, own, PLATFORM);
    return sink;
  }
  const otherwise = () => new MadeAlready();
  try {
    await transact(
      tables,
      sinkCreation(tables, sink, { actor: PLATFORM, had: sinks.length, otherwise }),
    );
    return sink;
  } catch (error) {
    // Whoever took the name meanwhile is in the list by now.
    if (error instanceof SinkNameTaken) return requireDefaultSink(tables, tenantId, now);
    if (!(error instanceof MadeAlready)) throw error;
    return (await listAllSinks(tables, tenantId)).find(({ isDefault }) => isDefault);
  }
}

const beganMeanwhile = () =>
  new DomainError(
    "CONFLICT",
    "The tenant's default sink was created at the same moment. Register the tenant again.",
  );

class MadeAlready extends Error {}

async function newLakeSink(
  tables: Tables,
  tenantId: string,
  others: readonly Sink[],
  now: Date,
): Promise<Sink | undefined> {
  const type = activeVersion((await listPlatformConnectors(tables)).filter(isDefaultSink));
  if (!type) return undefined;

  const at = now.toISOString();
  return {
    sinkId: lakeSinkId(tenantId),
    tenantId,
    name: freeName(others),
    type: type.name,
    typeVersion: type.version,
    config: {},
    ownership: "platform",
    isDefault: true,
    credentialVersion: null,
    testedAt: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

const isDefaultSink = (type: Connector) => type.kind === "sink" && sinkTraits(type).isDefault;

function freeName(others: readonly Sink[]): string {
  const taken = new Set(others.map(({ name }) => name));
  for (let n = 1; ; n++) {
    const name = n === 1 ? "lake" : `lake ${n}`;
    if (!taken.has(name)) return name;
  }
}
