/** What counts against a tenant's quotas, kept in the transactions that change it. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../../../schemas/errors.ts";
import type { TenantUsage } from "../../../schemas/tenant.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { countRunningProbes } from "../probes/quota.ts";
import type { ConditionalWrite } from "../table/transact.ts";

export async function readUsage(tables: Tables, tenantId: string, now: Date): Promise<TenantUsage> {
  const read = async (Key: { pk: string; sk: string }) =>
    (
      await tables.client.send(
        new GetCommand({ TableName: tables.control, Key, ConsistentRead: true }),
      )
    ).Item;
  const [counts, running, runningProbes] = await Promise.all([
    read(keys.usage(tenantId)),
    read(keys.running(tenantId)),
    countRunningProbes(tables, tenantId, now),
  ]);
  const count = (value: unknown) => Math.max(0, Number(value ?? 0));
  const units = running?.units as Set<string> | undefined;
  return {
    endpoints: count(counts?.endpoints),
    sinks: count(counts?.sinks),
    units: count(counts?.units),
    runningUnits: units?.size ?? 0,
    runningProbes,
  };
}

/** One endpoint or configured unit more. Fails with `QUOTA_EXCEEDED` when `limit` are there. */
export function usageWrite(
  tables: Tables,
  tenantId: string,
  what: "endpoints" | "units",
  limit: number | undefined,
): ConditionalWrite {
  const Update = {
    TableName: tables.control,
    Key: keys.usage(tenantId),
    UpdateExpression: "ADD #what :one",
    ...(limit !== undefined && {
      ConditionExpression: condition(limit, "#what < :limit", "#what"),
    }),
    ExpressionAttributeNames: { "#what": what },
    ExpressionAttributeValues: { ":one": 1, ...(limit !== undefined && { ":limit": limit }) },
  };
  return { write: { Update }, otherwise: () => quotaExceeded(what, limit ?? 0) };
}

/**
 * One sink more. `had` are there: a tenant that is older than the count has it begin with them.
 * Fails with `QUOTA_EXCEEDED` when `limit` are there.
 */
export function sinkCounted(
  tables: Tables,
  tenantId: string,
  had: number,
  limit: number | undefined,
): ConditionalWrite {
  const first = limit === undefined || had < limit ? "attribute_not_exists(sinks) OR " : "";
  const Update = {
    TableName: tables.control,
    Key: keys.usage(tenantId),
    UpdateExpression: "SET sinks = if_not_exists(sinks, :had) + :one",
    ...(limit !== undefined && { ConditionExpression: `${first}sinks < :limit` }),
    ExpressionAttributeValues: {
      ":had": had,
      ":one": 1,
      ...(limit !== undefined && { ":limit": limit }),
    },
  };
  return { write: { Update }, otherwise: () => quotaExceeded("sinks", limit ?? 0) };
}

/** One sink less of the `had` that are there. */
export function sinkReturned(tables: Tables, tenantId: string, had: number): ConditionalWrite {
  const Update = {
    TableName: tables.control,
    Key: keys.usage(tenantId),
    UpdateExpression: "SET sinks = if_not_exists(sinks, :had) - :one",
    ExpressionAttributeValues: { ":had": had, ":one": 1 },
  };
  return { write: { Update } };
}

/** One endpoint or configured unit less. */
export function usageReturned(
  tables: Tables,
  tenantId: string,
  what: "endpoints" | "units",
): ConditionalWrite {
  const Update = {
    TableName: tables.control,
    Key: keys.usage(tenantId),
    UpdateExpression: "ADD #what :less",
    ExpressionAttributeNames: { "#what": what },
    ExpressionAttributeValues: { ":less": -1 },
  };
  return { write: { Update } };
}

/**
 * Units of the tenant whose lease is taken, as a set: taking or freeing one twice changes nothing.
 */
export function runningWrite(
  tables: Tables,
  {
    tenantId,
    endpointId,
    unitId,
  }: { readonly tenantId: string; readonly endpointId: string; readonly unitId: string },
  step: "taken" | "freed",
  limit: number | undefined,
): ConditionalWrite {
  const Update = {
    TableName: tables.control,
    Key: keys.running(tenantId),
    UpdateExpression: step === "taken" ? "ADD #units :unit" : "DELETE #units :unit",
    ExpressionAttributeNames: { "#units": "units" },
    ExpressionAttributeValues: { ":unit": new Set([`${endpointId}/${unitId}`]) },
  };
  if (step === "freed" || limit === undefined) return { write: { Update } };
  const guard = { ConditionExpression: condition(limit, "size(#units) < :limit", "#units") };
  const values = { ...Update.ExpressionAttributeValues, ":limit": limit };
  const write = { Update: { ...Update, ...guard, ExpressionAttributeValues: values } };
  return { write, otherwise: () => quotaExceeded("runningUnits", limit) };
}

/** Nothing there yet counts as zero, which is under every limit but zero itself. */
const condition = (limit: number, under: string, name: string) =>
  limit > 0 ? `attribute_not_exists(${name}) OR ${under}` : under;

const NOUN = {
  endpoints: "endpoints",
  sinks: "sinks",
  units: "configured units",
  runningUnits: "units running at a time",
} as const;
const REMEDY = {
  endpoints: "Delete one that is not needed, or ask the platform for more.",
  sinks: "Delete one that is not in use, or ask the platform for more.",
  units: "Delete an endpoint that is not needed, or ask the platform for more.",
  runningUnits: "Wait for one to end, or ask the platform for more.",
} as const;

function quotaExceeded(quota: keyof typeof NOUN, limit: number): DomainError {
  const message = `The tenant may have ${limit} ${NOUN[quota]}. ${REMEDY[quota]}`;
  return new DomainError("QUOTA_EXCEEDED", message, { quota, limit });
}
