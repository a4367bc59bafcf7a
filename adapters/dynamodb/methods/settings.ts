/** What an endpoint says of how its methods are called: an item beside its others. */
import * as z from "zod";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import { EndpointSettingsInput } from "../../../schemas/operations-settings.ts";
import type { Item, Tables } from "../client.ts";
import { toEndpoint } from "../endpoints/items.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { exists } from "../table/condition.ts";
import { findItem, findItems } from "../table/find.ts";
import { transact } from "../table/transact.ts";
import { atVersion, staleVersion } from "../table/version-guard.ts";
import { check, put } from "../table/write.ts";

export const StoredSettings = z.object({
  settings: EndpointSettingsInput,
  version: z.int().min(1),
  updatedAt: z.string(),
});
export type StoredSettings = z.infer<typeof StoredSettings>;

/** Both in one reading, consistent; undefined for an unknown endpoint and for another tenant's. */
export async function findEndpointForCall(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<{ endpoint: Endpoint; settings: EndpointSettingsInput } | undefined> {
  const found = await findItems(tables, [
    keys.endpoint(tenantId, endpointId),
    keys.endpointSettings(tenantId, endpointId),
  ]);
  const endpoint = found.find(({ entity }) => entity === "endpoint");
  const stored = found.find(({ entity }) => entity === "endpoint-settings");
  return endpoint && { endpoint: toEndpoint(endpoint), settings: stored ? settingsIn(stored) : {} };
}

const settingsIn = (item: Item) => StoredSettings.parse(item).settings;

export async function findSettings(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<StoredSettings | undefined> {
  const item = await findItem(tables, keys.endpointSettings(tenantId, endpointId));
  return item && StoredSettings.parse(item);
}

/**
 * Replaces the version `seen`. Throws `STALE_VERSION`, or `NOT_FOUND` for an endpoint that is gone.
 */
export async function saveSettings(
  tables: Tables,
  { tenantId, endpointId }: Pick<Endpoint, "tenantId" | "endpointId">,
  next: StoredSettings,
  seen: StoredSettings | undefined,
  actor: string,
): Promise<void> {
  const item = {
    ...keys.endpointSettings(tenantId, endpointId),
    entity: "endpoint-settings",
    ...next,
  };
  const gone = () =>
    new DomainError("NOT_FOUND", "There is no such endpoint. List them with GET /endpoints.");

  await transact(tables, [
    put(tables.control, item, atVersion(seen), staleVersion),
    check(tables.control, keys.endpoint(tenantId, endpointId), exists(), gone),
    auditWrite(tables, {
      tenantId,
      at: next.updatedAt,
      actor,
      action: "endpoint.settings",
      subject: `endpoint/${endpointId}`,
      before: seen?.settings ?? null,
      after: next.settings,
    }),
  ]);
}
