/**
 * Sites that a tenant's endpoints talk to. A collection that ends well writes its site; nobody else
 * does.
 */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { sourceSystemId } from "../../../core/source-system-id.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { Instant } from "../../../schemas/scalars.ts";
import { SourceSystem, type SourceSystemOverview } from "../../../schemas/source-system.ts";
import type { Tables } from "../client.ts";
import { toEndpoint } from "../items.ts";
import { keys, tenantPk } from "../keys.ts";
import { type Page, type PageRequest, queryAll, queryPage } from "../table/page.ts";
import type { ConditionalWrite } from "../table/transact.ts";

const Stored = z.object({
  ...SourceSystem.shape,
  sourceSystemId: z.string(),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
});
type Stored = z.infer<typeof Stored>;

/** The site as a collection has just seen it, for the transaction of its end. */
export function sourceSystemWrite(
  tables: Tables,
  tenantId: string,
  system: SourceSystem,
  seenAt: string,
): ConditionalWrite {
  const id = sourceSystemId(system);
  const Update = {
    TableName: tables.control,
    Key: keys.sourceSystem(tenantId, id),
    UpdateExpression: `SET entity = :entity, tenantId = :tenant, sourceSystemId = :id, vendor = :vendor, baseUrl = :url,
      siteId = :site, title = :title, lastSeenAt = :at, firstSeenAt = if_not_exists(firstSeenAt, :at)`,
    ExpressionAttributeValues: {
      ":entity": "source-system",
      ":tenant": tenantId,
      ":id": id,
      ":vendor": system.vendor,
      ":url": system.baseUrl,
      ":site": system.siteId,
      ":title": system.title,
      ":at": seenAt,
    },
  };
  return { write: { Update } };
}

/** A page of the tenant's sites, each with the endpoints that talk to it now. */
export async function listSourceSystems(
  tables: Tables,
  tenantId: string,
  page: PageRequest,
): Promise<Page<SourceSystemOverview>> {
  const { items, next } = await queryPage(tables, partitionOf(tenantId), page, (item) =>
    Stored.parse(item),
  );
  const users = await endpointsBySystem(tables, tenantId);
  return {
    items: items.map((system) => ({
      ...system,
      endpoints: users.get(system.sourceSystemId) ?? [],
    })),
    next,
  };
}

/**
 * Forgets the sites that no endpoint talks to any more. One that a collection has seen meanwhile
 * stays.
 */
export async function removeUnusedSourceSystems(tables: Tables, tenantId: string): Promise<void> {
  const known = await queryAll(tables, partitionOf(tenantId), (item) => Stored.parse(item));
  const users = await endpointsBySystem(tables, tenantId);
  for (const system of known)
    if (!users.has(system.sourceSystemId)) await removeUnlessSeen(tables, tenantId, system);
}

async function removeUnlessSeen(
  tables: Tables,
  tenantId: string,
  { sourceSystemId, lastSeenAt }: Stored,
) {
  const remove = new DeleteCommand({
    TableName: tables.control,
    Key: keys.sourceSystem(tenantId, sourceSystemId),
    ConditionExpression: "lastSeenAt = :seen",
    ExpressionAttributeValues: { ":seen": lastSeenAt },
  });
  try {
    await tables.client.send(remove);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

async function endpointsBySystem(tables: Tables, tenantId: string) {
  const endpoints = await queryAll(
    tables,
    { pk: tenantPk(tenantId), prefix: "ENDPOINT#" },
    toEndpoint,
  );
  const named = ({ endpointId, name, slug }: Endpoint) => ({ endpointId, name, slug });
  const users = new Map<string, ReturnType<typeof named>[]>();
  for (const endpoint of endpoints) {
    if (endpoint.sourceSystem === null) continue;
    const id = sourceSystemId(endpoint.sourceSystem);
    users.set(id, [...(users.get(id) ?? []), named(endpoint)]);
  }
  return users;
}

const partitionOf = (tenantId: string) => ({
  pk: tenantPk(tenantId),
  prefix: keys.sourceSystem(tenantId, "").sk,
});
