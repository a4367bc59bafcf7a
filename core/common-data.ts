/** Sinks of the Common Data Model: they land as another sink of the tenant does (ADR 0047). */
import { CommonData, type Connector } from "../schemas/connector.ts";
import type { FieldLink, KbNode } from "../schemas/knowledge-node.ts";
import type { Sink } from "../schemas/sink.ts";
import type { Unit } from "../schemas/unit.ts";
import type { Fault } from "./json-schema.ts";
import { isOurLake } from "./sink-credentials.ts";
import { sinkTraits } from "./sink-traits.ts";

export const CDM = "cdm";

/** Id of the sink that a sink is written through; undefined for one with a place of its own. */
export function throughOf({ type, config }: Pick<Sink, "type" | "config">): string | undefined {
  return type === CDM && typeof config.through === "string" ? config.through : undefined;
}

/** Whose place a sink writes to. */
export function ownershipOf(
  sink: Pick<Sink, "type" | "config">,
  others: readonly Sink[],
): Sink["ownership"] {
  const through = throughOf(sink);
  const place = others.find(({ sinkId }) => sinkId === through) ?? sink;
  return isOurLake(place.config) ? "platform" : "customer";
}

/** The sinks of `others` that are written through this one. */
export const writtenThrough = (others: readonly Sink[], sinkId: string): Sink[] =>
  others.filter((other) => throughOf(other) === sinkId);

/** The type of a sink of the model: it can what the one can that it is written through. */
export function typeThrough(own: Connector, through: Connector): Connector {
  const sink = { ...sinkTraits(through), isDefault: false };
  return { ...own, modes: through.modes, sink };
}

/** Why a sink of this type cannot be written as its config says; `others` are the tenant's. */
export function throughFaults(
  sink: Pick<Sink, "type" | "config" | "isDefault">,
  others: readonly Sink[],
): Fault[] {
  const through = throughOf(sink);
  if (through === undefined) return [];
  const found = others.find(({ sinkId }) => sinkId === through);

  const unknown = "must be another sink of yours (GET /sinks), and not of type cdm itself";
  const byDefault = "must be false: units without a mapping could not land in it";
  return [
    ...(found && found.type !== CDM ? [] : [{ path: "config.through", message: unknown }]),
    ...(sink.isDefault ? [{ path: "isDefault", message: byDefault }] : []),
  ];
}

/**
 * Field to field, of the nodes that are units landing in the model: what `core/knowledge-nodes.ts`
 * wrote into them.
 */
export function fieldLinks(nodes: readonly Pick<KbNode, "logicalId" | "payload">[]): FieldLink[] {
  return nodes.flatMap(({ logicalId, payload }) => {
    const mapped = CommonData.safeParse(payload.commonData).data;
    if (mapped === undefined || typeof payload.dataset !== "string") return [];
    const { dataset } = payload;
    return mapped.fields.map(({ name, from }) => ({
      unit: logicalId,
      version: mapped.version,
      source: { dataset, field: from },
      target: { dataset: mapped.entity, field: name },
    }));
  });
}

/**
 * Why a unit cannot land in a sink of this type. `units`: those of its endpoint. `transforms`: its
 * policy has a transform.
 */
export function mappingFaults(
  sinkType: Pick<Connector, "name">,
  unit: Pick<Unit, "unitId" | "commonData">,
  units: readonly Pick<Unit, "unitId" | "commonData">[],
  transforms: boolean,
): Fault[] {
  if (sinkType.name !== CDM) return [];
  return [...unmapped(unit, units), ...(transforms ? [CLOSED] : [])];
}

const CLOSED: Fault = {
  path: "policy.transform",
  message:
    "must be left out: records of the Common Data Model have the columns of the model. " +
    "Land the unit's own rows in another sink to transform them",
};

function unmapped(
  unit: Pick<Unit, "unitId" | "commonData">,
  units: readonly Pick<Unit, "unitId" | "commonData">[],
): Fault[] {
  if (unit.commonData) return [];
  const mapped = units.filter(({ commonData }) => commonData).map(({ unitId }) => unitId);
  const named = mapped.length > 0 ? `Mapped are ${mapped.join(", ")}` : "No unit is mapped";
  const message = `must not be of type cdm: ${unit.unitId} has no mapping. ${named}`;
  return [{ path: "sinkId", message }];
}
