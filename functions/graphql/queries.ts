import { listConnectors } from "../../adapters/dynamodb/connector-store.ts";
import { findDataset, listAllDatasets } from "../../adapters/dynamodb/dataset-store.ts";
import { findEndpoint, getEndpoint, listEndpoints } from "../../adapters/dynamodb/endpoint-store.ts";
import { rankConnectors } from "../../core/connector-search.ts";
import { newestFirst } from "../../core/version-order.ts";
import { readUnits } from "../commands/endpoint-units.ts";
import { readStatus } from "../commands/read-status.ts";
import { type Context, checkId } from "./context.ts";
import { toConfig, toDataset, toEndpoint, toStatus, toTemplate, toUnit } from "./types.ts";

/** The contract has no pages: a tenant with more endpoints than these lists them through REST. */
const ENDPOINTS_SHOWN = 500;

interface EndpointArg {
  readonly endpointId: string;
}

export const queries = {
  async metadataEndpointTemplates(_: unknown, { tables }: Context) {
    const sorted = (await listConnectors(tables)).sort((a, b) => newestFirst(a.version, b.version));
    const newest = new Map(sorted.toReversed().map((connector) => [connector.name, connector]));
    return rankConnectors([...newest.values()], { kind: "source" }).map(toTemplate);
  },

  async metadataEndpoints({ search }: { search?: string | null }, { tables, identity }: Context) {
    const page = { limit: ENDPOINTS_SHOWN, search: search ?? undefined };
    return (await listEndpoints(tables, identity.tenantId, page)).items.map(toEndpoint);
  },

  async metadataEndpoint({ id }: { id: string }, { tables, identity }: Context) {
    const endpoint = await findEndpoint(tables, identity.tenantId, checkId("id", id));
    return endpoint ? toEndpoint(endpoint) : null;
  },

  async dataset({ id }: { id: string }, { tables, identity }: Context) {
    const dataset = await findDataset(tables, identity.tenantId, checkId("id", id));
    return dataset ? toDataset(dataset) : null;
  },

  async datasets({ endpointId }: EndpointArg, { tables, identity }: Context) {
    await getEndpoint(tables, identity.tenantId, checkId("endpointId", endpointId));
    return (await listAllDatasets(tables, identity.tenantId, endpointId)).map(toDataset);
  },

  async ingestionUnits({ endpointId }: EndpointArg, { tables, identity }: Context) {
    const { units } = await readUnits(tables, identity.tenantId, checkId("endpointId", endpointId));
    return units.map(toUnit);
  },

  async ingestionUnitConfigs({ endpointId }: EndpointArg, context: Context) {
    await getEndpoint(context.tables, context.identity.tenantId, checkId("endpointId", endpointId));
    return (await context.configs(endpointId)).map(toConfig);
  },

  async ingestionStatuses({ endpointId }: EndpointArg, context: Context) {
    const { units } = await context.overview(checkId("endpointId", endpointId));
    return units.map(({ status }) => toStatus(status));
  },

  async ingestionStatus({ endpointId, unitId }: EndpointArg & { unitId: string }, { tables, identity, now }: Context) {
    const address = { endpointId: checkId("endpointId", endpointId), unitId: checkId("unitId", unitId) };
    return toStatus(await readStatus(tables, { tenantId: identity.tenantId, ...address }, now));
  },
};
