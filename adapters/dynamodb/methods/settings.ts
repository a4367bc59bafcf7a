/** What an endpoint says of how its methods are called: an item beside its others. */
import * as z from "zod";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { EndpointSettingsInput } from "../../../schemas/operations-settings.ts";
import type { Item, Tables } from "../client.ts";
import { toEndpoint } from "../endpoints/items.ts";
import { keys } from "../keys.ts";
import { findItems } from "../table/find.ts";

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
