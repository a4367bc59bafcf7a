import type { MethodWords } from "../../../core/connector-search.ts";
import type { Connector } from "../../../schemas/connector.ts";
import type { ConnectorSummary } from "../../../schemas/operations/answers.ts";

/** What it takes to pick a connector and to configure an endpoint of it. */
export function connectorSummary(
  connector: Connector,
  versions: readonly string[],
  methods: readonly MethodWords[],
): ConnectorSummary {
  const { name, kind, version, title, description, status } = connector;
  const { capabilities, authTypes, modes, resources, units, secretSchema } = connector;

  return {
    name,
    kind,
    version,
    title,
    description,
    status,
    capabilities,
    authTypes,
    modes,
    versions: [...versions],
    resources: resources.map(({ name, method, path, description }) => ({
      name,
      method,
      path,
      description,
    })),
    units: units.map(({ unitId, dataset, name, defaultMode, supportedModes }) => ({
      unitId,
      dataset,
      name,
      defaultMode,
      supportedModes,
    })),
    methodCount: connector.methodCount ?? 0,
    methods: methods.map(({ name, title, safe }) => ({ name, title, safe })),
    configKeys: keysOf(connector.configSchema),
    secretKeys: Object.fromEntries(
      Object.entries(secretSchema).map(([authType, schema]) => [
        authType,
        keysOf(schema)
          .sort((a, b) => Number(b.required) - Number(a.required))
          .map(({ name }) => name),
      ]),
    ),
  };
}

function keysOf(schema: Record<string, unknown>) {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const properties = Object.entries((schema.properties ?? {}) as Record<string, unknown>);
  return properties.map(([name, inner]) => ({
    name,
    required: required.has(name),
    description: descriptionOf(inner),
  }));
}

function descriptionOf(schema: unknown): string {
  const { description } = (typeof schema === "object" && schema ? schema : {}) as {
    description?: unknown;
  };
  return typeof description === "string" ? description : "";
}
