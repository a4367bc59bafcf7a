import type { Connector } from "../schemas/connector.ts";

export interface ConnectorQuery {
  readonly search?: string | undefined;
  readonly capability?: string | undefined;
  readonly resource?: string | undefined;
  readonly kind?: string | undefined;
}

/** Connectors that fit the query, best match first, then by name. */
export function rankConnectors(
  connectors: readonly Connector[],
  query: ConnectorQuery,
): Connector[] {
  const words = (query.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return connectors
    .filter((connector) => fits(connector, query))
    .map((connector) => ({ connector, score: score(connector, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.connector.name < b.connector.name ? -1 : 1))
    .map(({ connector }) => connector);
}

function fits(connector: Connector, { capability, resource, kind }: ConnectorQuery): boolean {
  if (kind && connector.kind !== kind) return false;
  if (capability && !connector.capabilities.some((one) => one === capability)) return false;
  return (
    !resource ||
    connector.resources.some(({ name }) => name.toLowerCase().includes(resource.toLowerCase()))
  );
}

/** All words must occur somewhere; where they occur decides the rank. Those not active come last. */
function score(connector: Connector, words: readonly string[]): number {
  const fields: [number, string][] = [
    [16, connector.name],
    [8, connector.title],
    [4, [...connector.units, ...connector.resources].map(({ name }) => name).join(" ")],
    [2, connector.capabilities.join(" ")],
    [
      1,
      [connector.description, ...connector.resources.map(({ description }) => description)].join(
        " ",
      ),
    ],
  ];

  const weights = words.map(
    (word) => fields.find(([, text]) => text.toLowerCase().includes(word))?.[0] ?? 0,
  );
  if (weights.includes(0)) return 0;

  const sum = 1 + weights.reduce((total, weight) => total + weight, 0);
  return connector.status === "active" ? sum : sum / 1000;
}
