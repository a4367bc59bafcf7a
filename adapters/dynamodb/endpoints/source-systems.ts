/**
 * Sites that a tenant's endpoints talk to. A collection that ends well writes its site; nobody else
 * does.
 */
import * as z from "zod";
import { sourceSystemId } from "../../../core/source-system-id.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { Instant } from "../../../schemas/scalars.ts";
import { SourceSystem, type SourceSystemOverview } from "../../../schemas/source-system.ts";
import type { Tables } from "../client.ts";
import { keys, tenantPk } from "../keys.ts";
import { matches } from "../table/condition.ts";
import { listAll, type Page, type PageRequest, queryPage } from "../table/page.ts";
import type { ConditionalWrite } from "../table/transact.ts";
import { remove, update, writeIf } from "../table/write.ts";
import { listAllEndpoints } from "./store.ts";

const Stored = z.object({
  ...SourceSystem.shape,
  sourceSystemId: z.string(),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
});

/** The site as a collection has just seen it, for the transaction of its end. */
export function sourceSystemWrite(
  tables: Tables,
  tenantId: string,
  system: SourceSystem,
  seenAt: string,
): ConditionalWrite {
  const id = sourceSystemId(system);
  const { vendor, baseUrl, siteId, title } = system;

  return update(tables.control, keys.sourceSystem(tenantId, id), {
    set: {
      entity: "source-system",
      tenantId,
      sourceSystemId: id,
      vendor,
      baseUrl,
      siteId,
      title,
      lastSeenAt: seenAt,
    },
    setOnce: { firstSeenAt: seenAt },
  });
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
  const known = await listAll(tables, partitionOf(tenantId), (item) => Stored.parse(item));
  const users = await endpointsBySystem(tables, tenantId);
  for (const { sourceSystemId: id, lastSeenAt } of known) {
    if (users.has(id)) continue;
    const unseen = matches({ lastSeenAt });
    await writeIf(tables, remove(tables.control, keys.sourceSystem(tenantId, id), unseen));
  }
}

async function endpointsBySystem(tables: Tables, tenantId: string) {
  const endpoints = await listAllEndpoints(tables, tenantId);
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
