/** Tenants of a test's own and what their people ask for, over the control plane. */
import { expect } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { handler as administration } from "../../functions/rest/administration/handler.ts";
import { handler as endpoints } from "../../functions/rest/endpoints/handler.ts";
import { handler as runs } from "../../functions/rest/runs/handler.ts";
import { handler as sinks } from "../../functions/rest/sinks/handler.ts";
import type { TenantQuotas } from "../../schemas/tenant.ts";
import { type Caller, caller, collected } from "./control-plane.ts";

export const PLATFORM: Caller = { tenantId: "platform", roles: ["platform"] };
const call = caller(administration);
export const manage = (method: string, path: string, sent: object = {}) =>
  call(method, path, { as: PLATFORM, ...sent });
const config = { baseUrl: "https://shop.example" };

let tenants = 0;
/** Tenants that were registered so far. */
export const registered = () => tenants;

/** A new tenant, registered: answers its admin. */
export async function aTenant(quotas: Partial<TenantQuotas> = {}): Promise<Caller> {
  const tenantId = `tenant-${++tenants}`;
  expect(
    (await manage("POST", "/tenants", { body: { tenantId, name: "A tenant", quotas } })).status,
  ).toBe(201);
  return { tenantId, roles: ["admin"] };
}

export const register = (as: Caller, name: string) =>
  caller(endpoints)("POST", "/endpoints", { body: { name, connector: "shop", config }, as });

export async function anEndpoint(tables: Tables, as: Caller, name: string): Promise<string> {
  const { endpointId } = (await register(as, name)).body;
  await collected(tables, as.tenantId, endpointId, ["shop.orders", "shop.customers"]);
  return endpointId;
}
export const aSink = (as: Caller) =>
  caller(sinks)("POST", "/sinks", {
    body: { name: "Lake", type: "warehouse.iceberg", config: {} },
    as,
  });
export const start = (as: Caller, endpointId: string, unitId = "shop.orders") =>
  caller(runs)("POST", "/runs", { body: { endpointId, unitId }, as });
export const configure = (
  as: Caller,
  endpointId: string,
  unitId: string,
  body: object = { enabled: true },
) => caller(endpoints)("PUT", `/endpoints/${endpointId}/units/${unitId}/config`, { body, as });
