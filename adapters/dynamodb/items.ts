/**
 * How endpoints, datasets, sinks, unit configs, collections, probes and connectors are kept:
 * `entity`, `tenantId` and the noun's own attributes, flat, beside the keys. What is read is
 * parsed, so that keys and marks never get out.
 */
import * as z from "zod";
import { Collection, Probe } from "../../schemas/collection.ts";
import { Connector } from "../../schemas/connector.ts";
import { Dataset } from "../../schemas/dataset.ts";
import { Endpoint } from "../../schemas/endpoint.ts";
import { Sink } from "../../schemas/sink.ts";
import { UnitConfig } from "../../schemas/unit-config.ts";
import type { Item } from "./client.ts";
import { configsByTenant, keys, probesByOwner, unitPlace } from "./keys.ts";
import { pendingMark } from "./runs/items.ts";
import { isKept } from "./table/kept-value.ts";

/**
 * A list that may be kept beside its item: then it is empty until somebody reads it
 * (`table/kept-value.ts`).
 */
const elsewhere = <T extends z.ZodType<unknown[]>>(list: T) =>
  z.preprocess((value) => (isKept(value) ? [] : value), list);
const lengthOf = (list: unknown) => (Array.isArray(list) ? list.length : 0);

const shown = {
  connector: z.object(Connector.shape),
  // Older endpoints have no schedule of collections: they are collected on request, as before.
  endpoint: z.object({
    ...Endpoint.shape,
    collectEveryHours: Endpoint.shape.collectEveryHours.default(null),
  }),
  // What is kept beside its item is not read here (`catalog/datasets.ts`). Older items have no counts.
  dataset: z.object({
    ...Dataset.shape,
    fields: elsewhere(Dataset.shape.fields),
    entries: elsewhere(Dataset.shape.entries),
  }),
  // Sinks that were stored before sinks were tested.
  sink: z.object({ ...Sink.shape, testedAt: Sink.shape.testedAt.default(null) }),
  unitConfig: z.object(UnitConfig.shape),
  // Older collections compared no fields, and people requested all of them.
  collection: z.object({
    ...Collection.shape,
    fieldChanges: elsewhere(Collection.shape.fieldChanges.default([])),
    trigger: Collection.shape.trigger.default("MANUAL"),
  }),
  probe: z.object(Probe.shape),
};

export const toConnector = (item: Item): Connector => shown.connector.parse(item);
export const toEndpoint = (item: Item): Endpoint => shown.endpoint.parse(item);
export const toDataset = (item: Item): Dataset =>
  shown.dataset.parse({
    fieldCount: lengthOf(item.fields),
    entryCount: lengthOf(item.entries),
    ...item,
  });
export const toSink = (item: Item): Sink => shown.sink.parse(item);
export const toUnitConfig = (item: Item): UnitConfig => shown.unitConfig.parse(item);
export const toCollection = (item: Item): Collection =>
  shown.collection.parse({ fieldChangeCount: lengthOf(item.fieldChanges), ...item });
export const toProbe = (item: Item): Probe => shown.probe.parse(item);

export const connectorItem = (connector: Connector): Item => ({
  ...keys.connector(connector.name, connector.version),
  entity: "connector",
  ...connector,
});

export const endpointItem = (endpoint: Endpoint): Item => ({
  ...keys.endpoint(endpoint.tenantId, endpoint.endpointId),
  entity: "endpoint",
  ...endpoint,
});

export const sinkItem = (sink: Sink): Item => ({
  ...keys.sink(sink.tenantId, sink.sinkId),
  entity: "sink",
  ...sink,
});

/** A config always carries the mark: whoever writes one wants its schedule looked at. */
export const unitConfigItem = (tenantId: string, config: UnitConfig, now: Date): Item => ({
  ...keys.unitConfig(tenantId, config.endpointId, config.unitId),
  entity: "unit-config",
  tenantId,
  ...config,
  gsi1pk: configsByTenant(tenantId),
  gsi1sk: unitPlace(config.endpointId, config.unitId),
  ...pendingMark("unit-config", now),
});

export const collectionItem = (collection: Collection, now: Date): Item => ({
  ...keys.collection(collection.tenantId, collection.endpointId, collection.collectionId),
  entity: "collection",
  ...collection,
  ...pendingMark("collection", now),
});

const PROBE_KEPT_SECONDS = 86_400;

export const probeItem = (probe: Probe, now: Date): Item => ({
  ...keys.probe(probe.tenantId, probe.probeId),
  entity: "probe",
  gsi1pk: probesByOwner(probe.tenantId, probeOwner(probe)),
  gsi1sk: probe.probeId,
  ttl: Math.floor(now.getTime() / 1000) + PROBE_KEPT_SECONDS,
  ...probe,
  ...pendingMark("probe", now),
});

/** A dataset's id begins with its endpoint's. */
const probeOwner = ({ kind, subject }: Probe) =>
  kind === "PREVIEW" ? subject.slice(0, subject.indexOf(":")) : subject;
