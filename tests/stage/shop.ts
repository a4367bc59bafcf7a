/** The connectors of an imaginary shop: a source, a lake and a sink of files. */
import type { Connector } from "../../schemas/connector.ts";

const POLICY = {
  type: "object",
  properties: {
    primaryKeys: { const: ["id"] },
    cursorField: { const: "updated" },
    overlapMinutes: { type: "integer", minimum: 1, maximum: 1440 },
    deletes: { enum: ["ignore", "soft", "hard"] },
    mergeEveryMinutes: { type: "integer", minimum: 1, maximum: 1440 },
    filters: {
      type: "object",
      properties: { regions: { type: "array", items: { type: "string", pattern: "^[a-z]+$" } } },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

const aUnit = (name: string, defaultMode: "FULL" | "INCREMENTAL") => ({
  unitId: `shop.${name}`,
  dataset: `shop.${name}`,
  name,
  defaultMode,
  supportedModes: ["FULL" as const, "INCREMENTAL" as const, "SCD1" as const],
  defaultPolicy: {
    primaryKeys: ["id"],
    ...(defaultMode === "INCREMENTAL" && { cursorField: "updated" }),
  },
  policySchema: POLICY,
  entityType: `entity.${name}`,
});

export const aSource = (changes: Partial<Connector> = {}): Connector => ({
  name: "shop",
  kind: "source",
  version: "1.2.0",
  title: "Shop",
  description: "An imaginary shop.",
  status: "active",
  capabilities: ["metadata.collect", "metadata.preview", "ingest.full", "ingest.incremental"],
  authTypes: ["basic"],
  configSchema: {
    type: "object",
    properties: { baseUrl: { type: "string", format: "uri", "x-address": "url" } },
    required: ["baseUrl"],
    additionalProperties: false,
  },
  sampleConfig: { baseUrl: "https://shop.example" },
  secretSchema: {
    basic: {
      type: "object",
      properties: { user: { type: "string" }, password: { type: "string", minLength: 8 } },
      required: ["user", "password"],
      additionalProperties: false,
    },
  },
  modes: [],
  resources: [
    {
      name: "orders",
      method: "GET",
      path: "/orders",
      description: "Orders by page.",
      schema: {},
      sample: { orders: [] },
    },
  ],
  units: [aUnit("orders", "INCREMENTAL"), aUnit("customers", "FULL")],
  ...changes,
});

export const aLake = (): Connector => ({
  ...aSource(),
  name: "warehouse.iceberg",
  kind: "sink",
  title: "Iceberg",
  capabilities: ["sink.iceberg"],
  authTypes: [],
  configSchema: { type: "object", additionalProperties: false },
  sampleConfig: {},
  secretSchema: {},
  modes: ["FULL", "INCREMENTAL", "SCD1"],
  sink: {
    isDefault: true,
    comparesVersions: true,
    deletes: ["soft", "hard"],
    sweepsAfterDays: 3,
  },
  resources: [],
  units: [],
});

export const aFileSink = (): Connector => ({
  ...aLake(),
  name: "files.parquet",
  title: "Files",
  capabilities: ["sink.files"],
  modes: ["FULL", "INCREMENTAL"],
  sink: { isDefault: false, comparesVersions: false, deletes: [], sweepsAfterDays: 3 },
});
