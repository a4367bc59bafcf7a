import * as registry from "../../../adapters/dynamodb/registry/connectors.ts";
import { rankConnectors } from "../../../core/connector-search.ts";
import { newestFirst } from "../../../core/version-order.ts";
import type { Connector } from "../../../schemas/connector.ts";
import type { ConnectorSummary } from "../../../schemas/operations/answers.ts";
import type { ListConnectors } from "../../../schemas/operations/registry.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function listConnectors(
  request: Request<typeof ListConnectors>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const byName = Map.groupBy(
    await registry.listConnectors(tables, request.identity.tenantId),
    ({ name }) => name,
  );
  const newest = [...byName.values()].map((versions) =>
    versions.sort((a, b) => newestFirst(a.version, b.version)),
  );
  const ranked = rankConnectors(
    newest.flatMap(([first]) => (first ? [first] : [])),
    request.query,
  );
  const versionsOf = (name: string) => (byName.get(name) ?? []).map(({ version }) => version);

  return ok(
    slicePage(
      cursors,
      request,
      ranked.map((one) => summary(one, versionsOf(one.name))),
    ),
  );
}

function summary(connector: Connector, versions: string[]): ConnectorSummary {
  const { name, kind, version, title, description, status } = connector;
  const { capabilities, authTypes, modes, resources, units } = connector;

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
    versions,
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
  };
}
