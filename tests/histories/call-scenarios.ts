/** Paths of a call that nobody waits for. */
import { setTimeout as breathe } from "node:timers/promises";
import type { WorkflowHandle } from "@temporalio/client";
import type { StoredCall } from "../../adapters/dynamodb/calls/items.ts";
import { createCall } from "../../adapters/dynamodb/calls/store.ts";
import { createEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { startCallWorkflow } from "../../adapters/temporal/start-workflows.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { sealParams } from "../../integrations/methods/run-call.ts";
import { DomainError } from "../../schemas/errors.ts";
import { aShop } from "../stage/shop-vendor/plugin.ts";
import { startShopVendor } from "../stage/shop-vendor/server.ts";
import { anEndpoint, ENDPOINT } from "./nouns.ts";
import { ended, type Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

export const CALL_ID = "cal_1";

export const CALL_SCENARIOS = {
  async called(stage, tenantId) {
    return called(stage, tenantId);
  },

  async "call-ended-unmade"(stage, tenantId) {
    const { calls } = stage;
    stage.calls = {
      ...calls,
      now: () => {
        stage.calls = calls;
        throw new DomainError("CONFIG_INVALID", "This worker makes no calls. Correct it.");
      },
    };
    return called(stage, tenantId);
  },
} satisfies Record<string, Scenario>;

/** A call of an endpoint of its own, whose vendor takes the request and never answers. */
export async function aCallAtWork(
  stage: Stage,
  address: Pick<StoredCall, "tenantId" | "endpointId">,
): Promise<{ close(): Promise<void> }> {
  const { client, tables } = stage;
  const shop = await startShopVendor();
  shop.tokens.add("undefined");
  shop.faults.push({ kind: "silent", done: false });
  const connectors = [aShop({ authTypes: [] })];
  await publishManifest(tables, { workerVersion: "1.0.0", connectors });
  const place = { connector: "shop", connectorVersion: "1.2.0", config: { baseUrl: shop.url } };
  const name = { name: "At work", slug: "at_work" };
  await createEndpoint(
    tables,
    anEndpoint(address.tenantId, { ...address, ...place, ...name }),
    "anna",
  );

  const call = aStoredCall(stage, address.tenantId, address.endpointId);
  await createCall(tables, call);
  await startCallWorkflow(client, call);
  while (shop.seen.length === 0) await breathe(50);
  return shop;
}

/** One order is placed, at a vendor that takes anybody. */
async function called(stage: Stage, tenantId: string): Promise<WorkflowHandle> {
  const { client, tables } = stage;
  const shop = await startShopVendor();
  shop.tokens.add("undefined");
  const connectors = [aShop({ authTypes: [] })];
  await publishManifest(tables, { workerVersion: "1.0.0", connectors });
  const place = { connector: "shop", connectorVersion: "1.2.0", config: { baseUrl: shop.url } };
  await createEndpoint(tables, anEndpoint(tenantId, place), "anna");

  const call = aStoredCall(stage, tenantId);
  await createCall(tables, call);
  await startCallWorkflow(client, call);
  const handle = await ended(client.workflow.getHandle(workflowId.call(tenantId, CALL_ID)));
  await shop.close();
  return handle;
}

export function aStoredCall(
  { calls }: Pick<Stage, "calls">,
  tenantId: string,
  endpointId = ENDPOINT,
): StoredCall {
  const address = { tenantId, endpointId, callId: CALL_ID };
  return {
    ...address,
    method: "placeOrder",
    status: "QUEUED",
    caller: "anna",
    vendorKey: CALL_ID,
    params: sealParams(calls, address, { item: "tea" }),
    result: null,
    resultKey: null,
    attempt: null,
    sending: null,
    heldUntil: null,
    queuedAt: new Date().toISOString(),
    startedAt: null,
    finishedAt: null,
  };
}
