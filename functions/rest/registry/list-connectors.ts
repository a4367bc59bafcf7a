import {
  activeVersion,
  listVisible,
  type OwnedConnector,
} from "../../../adapters/dynamodb/registry/connectors.ts";
import { readMethodWords } from "../../../adapters/dynamodb/registry/methods.ts";
import { rankConnectors } from "../../../core/connector-search.ts";
import { newestFirst } from "../../../core/version-order.ts";
import type { ListConnectors } from "../../../schemas/operations/registry.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";
import { connectorSummary } from "./connector-summary.ts";

export async function listConnectors(
  request: Request<typeof ListConnectors>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { query, identity } = request;
  const visible = await listVisible(tables, identity.tenantId);
  const byName = Map.groupBy(visible, ({ connector }) => connector.name);
  const shown = [...byName.values()].flatMap(shownVersion);
  // Methods are looked at only where they decide.
  const words =
    query.search || query.method
      ? await readMethodWords(
          tables,
          shown.map(({ owner, connector: { name, version } }) => ({
            owner,
            connector: name,
            version,
          })),
        )
      : [];

  const candidates = shown.map(({ connector }, at) => ({ connector, methods: words[at] ?? [] }));
  const ranked = rankConnectors(candidates, query).map(({ candidate: { connector }, methods }) => {
    const versions = (byName.get(connector.name) ?? []).map((one) => one.connector.version);
    return connectorSummary(connector, versions.sort(newestFirst), methods);
  });
  return ok(slicePage(cursors, request, ranked));
}

/** The version that a new endpoint would take; of those that are all inactive, the newest. */
function shownVersion(versions: readonly OwnedConnector[]): OwnedConnector[] {
  const sorted = [...versions].sort((a, b) =>
    newestFirst(a.connector.version, b.connector.version),
  );
  const active = activeVersion(sorted.map(({ connector }) => connector));
  return [sorted.find(({ connector }) => connector === active) ?? sorted[0]].flatMap(
    (one) => one ?? [],
  );
}
