import { listAllEndpoints } from "../../../adapters/dynamodb/endpoints/store.ts";
import {
  listVisible,
  type OwnedConnector,
} from "../../../adapters/dynamodb/registry/connectors.ts";
import { readMethodWords } from "../../../adapters/dynamodb/registry/methods.ts";
import { type MethodWords, rankConnectors } from "../../../core/connector-search.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import type { FoundMethod } from "../../../schemas/operations/answers.ts";
import type { FindMethods } from "../../../schemas/operations/methods.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function findMethods(
  request: Request<typeof FindMethods>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { query, identity } = request;
  const [endpoints, visible] = await Promise.all([
    listAllEndpoints(tables, identity.tenantId),
    listVisible(tables, identity.tenantId),
  ]);
  const callable = endpoints.filter(({ enabled }) => enabled);
  const versions = visible.filter(({ connector }) => callable.some((one) => isOf(one, connector)));
  const words = await readMethodWords(tables, versions.map(addressOf));

  const candidates = callable.flatMap((endpoint) => {
    const at = versions.findIndex(({ connector }) => isOf(endpoint, connector));
    const connector = versions[at]?.connector;
    return connector ? [{ endpoint, connector, methods: words[at] ?? [] }] : [];
  });
  const ranked = rankConnectors(candidates, { search: query.search });
  const found = ranked.flatMap(({ candidate, methods }) =>
    methods.map((method) => foundMethod(candidate.endpoint, method)),
  );

  return ok(slicePage(cursors, request, found));
}

const isOf = (endpoint: Endpoint, { name, version }: OwnedConnector["connector"]) =>
  endpoint.connector === name && endpoint.connectorVersion === version;

const addressOf = ({ owner, connector: { name, version } }: OwnedConnector) => ({
  owner,
  connector: name,
  version,
});

const foundMethod = (
  { endpointId, name, connector }: Endpoint,
  { name: method, title, about, safe }: MethodWords,
): FoundMethod => ({ endpointId, endpoint: name, connector, method, title, about, safe });
