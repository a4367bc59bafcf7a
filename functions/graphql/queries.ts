import { findDataset, listAllDatasets } from "../../adapters/dynamodb/catalog/datasets.ts";
import {
  findEndpoint,
  getEndpoint,
  listEndpoints,
} from "../../adapters/dynamodb/endpoints/store.ts";
import { listConnectors } from "../../adapters/dynamodb/registry/connectors.ts";
import { findRun, listRuns } from "../../adapters/dynamodb/runs/store.ts";
import { findUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { newestFirst } from "../../core/version-order.ts";
import type { Connector } from "../../schemas/connector.ts";
import { DomainError } from "../../schemas/errors.ts";
import { RunStatus } from "../../schemas/run.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";
import { readUnit, readUnits } from "../commands/endpoint-units.ts";
import { readCheckpoint } from "../commands/read-checkpoint.ts";
import { readStatus } from "../commands/read-status.ts";
import { type Context, checkId } from "./context.ts";
import { checkSize, checkWhole, ENDPOINTS_SHOWN, RUNS_SHOWN, RUNS_UNASKED } from "./list-sizes.ts";
import { toCheckpointVersion, toRun } from "./run-types.ts";
import { toConfig, toDataset, toEndpoint, toStatus, toTemplate, toUnit } from "./types.ts";

interface EndpointArg {
  readonly endpointId: string;
}

interface UnitArgs extends EndpointArg {
  readonly unitId: string;
}

/** Any of them left out, or null, which is the same. */
type RunArgs = { readonly [Name in keyof UnitArgs | "status"]?: string | null } & {
  readonly limit?: number | null;
};

export const queries = {
  async metadataEndpointTemplates(_: unknown, { tables, identity }: Context) {
    const all = await listConnectors(tables, identity.tenantId);
    const sorted = all.sort((a, b) => newestFirst(a.version, b.version));
    const newest = new Map(sorted.toReversed().map((connector) => [connector.name, connector]));
    const sources = [...newest.values()].filter(({ kind }) => kind === "source");
    const place = ({ status, name }: Connector) => `${status === "active" ? 0 : 1} ${name}`;
    return sources.sort((a, b) => (place(a) < place(b) ? -1 : 1)).map(toTemplate);
  },

  async metadataEndpoints(
    { search }: { search?: string | null },
    { tables, identity, listed }: Context,
  ) {
    const page = { limit: ENDPOINTS_SHOWN, search: search ?? undefined };
    const items = checkWhole(
      await listEndpoints(tables, identity.tenantId, page),
      page.limit,
      "/endpoints",
    );
    listed(items);
    return items.map(toEndpoint);
  },

  async metadataEndpoint({ id }: { id: string }, { tables, identity }: Context) {
    const endpoint = await findEndpoint(tables, identity.tenantId, checkId("id", id));
    return endpoint ? toEndpoint(endpoint) : null;
  },

  async dataset({ id }: { id: string }, { tables, identity }: Context) {
    const dataset = await findDataset(tables, identity.tenantId, checkId("id", id), ["fields"]);
    return dataset ? toDataset(dataset) : null;
  },

  async datasets({ endpointId }: EndpointArg, { tables, identity }: Context) {
    await getEndpoint(tables, identity.tenantId, checkId("endpointId", endpointId));
    const all = await listAllDatasets(tables, identity.tenantId, endpointId, ["fields"]);
    return checkSize(all, "datasets", `/endpoints/${endpointId}/datasets`).map(toDataset);
  },

  async ingestionUnits({ endpointId }: EndpointArg, { tables, identity }: Context) {
    const { units } = await readUnits(tables, identity.tenantId, checkId("endpointId", endpointId));
    return checkSize(units, "units", `/endpoints/${endpointId}/units`).map(toUnit);
  },

  async ingestionUnitConfigs({ endpointId }: EndpointArg, context: Context) {
    await getEndpoint(context.tables, context.identity.tenantId, checkId("endpointId", endpointId));
    const configs = await context.configs(endpointId);
    return checkSize(configs, "configs", `/endpoints/${endpointId}/units`).map(toConfig);
  },

  async ingestionStatuses({ endpointId }: EndpointArg, context: Context) {
    const { units } = await context.overview(checkId("endpointId", endpointId));
    return checkSize(units, "units", `/endpoints/${endpointId}/units`).map(({ status }) =>
      toStatus(status),
    );
  },

  async ingestionStatus(args: UnitArgs, context: Context) {
    return toStatus(await readStatus(context.tables, addressOf(args, context), context.now));
  },

  async ingestionUnitConfig(args: UnitArgs, context: Context) {
    const address = addressOf(args, context);
    await readUnit(context.tables, address);
    const config = await findUnitConfig(
      context.tables,
      address.tenantId,
      address.endpointId,
      address.unitId,
    );
    return config ? toConfig(config) : null;
  },

  async ingestionRuns(
    { endpointId, unitId, status, limit }: RunArgs,
    { tables, identity }: Context,
  ) {
    const filter = {
      endpointId: endpointId == null ? undefined : checkId("endpointId", endpointId),
      unitId: unitId == null ? undefined : checkId("unitId", unitId),
      statuses: status == null ? undefined : [checkStatus(status)],
      limit: Math.min(RUNS_SHOWN, Math.max(1, limit ?? RUNS_UNASKED)),
    };
    // As through REST: an endpoint that is being deleted has no runs to show.
    const isGone =
      filter.endpointId && !(await findEndpoint(tables, identity.tenantId, filter.endpointId));
    const page = isGone
      ? { items: [], next: null }
      : await listRuns(tables, identity.tenantId, filter);
    return checkWhole(page, filter.limit, "/runs").map(toRun);
  },

  async ingestionRun({ id }: { id: string }, { tables, identity }: Context) {
    const run = await findRun(tables, identity.tenantId, checkId("id", id));
    return run ? toRun(run) : null;
  },

  async ingestionCheckpointHistory(args: UnitArgs, context: Context) {
    const address = addressOf(args, context);
    await readUnit(context.tables, address);
    return (await readCheckpoint(context.tables, address)).history.map(toCheckpointVersion);
  },
};

function addressOf({ endpointId, unitId }: UnitArgs, { identity }: Context): UnitAddress {
  const { tenantId } = identity;
  return {
    tenantId,
    endpointId: checkId("endpointId", endpointId),
    unitId: checkId("unitId", unitId),
  };
}

function checkStatus(status: string): RunStatus {
  const known = RunStatus.safeParse(status);
  if (known.success) return known.data;
  const errors = [{ path: "status", message: `must be one of ${RunStatus.options.join(", ")}` }];
  throw new DomainError(
    "VALIDATION_ERROR",
    "There is no such status. Send a status that runs have.",
    {
      errors,
    },
  );
}
