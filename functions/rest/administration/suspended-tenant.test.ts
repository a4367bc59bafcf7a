import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { INDEX, PENDING_PK } from "../../../adapters/dynamodb/keys.ts";
import { type Caller, caller, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { anEndpoint, aSink, aTenant, manage, start } from "../../../tests/stage/tenants.ts";
import { handler as graphql } from "../../graphql/handler.ts";
import { handler as endpoints } from "../endpoints/handler.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

describe("a suspended tenant", () => {
  async function aSuspendedTenant(): Promise<{ as: Caller; endpointId: string }> {
    const as = await aTenant();
    const endpointId = await anEndpoint(tables, as, "Shop");
    await aSink(as);
    const headers = { "if-match": "*" };
    const suspended = await manage("PATCH", `/tenants/${as.tenantId}`, {
      body: { status: "SUSPENDED" },
      headers,
    });
    expect(suspended.body.status).toBe("SUSPENDED");
    return { as, endpointId };
  }

  it("starts nothing, through either door, and reads on", async () => {
    const { as, endpointId } = await aSuspendedTenant();
    expect(await start(as, endpointId)).toMatchObject({
      status: 409,
      body: { code: "TENANT_SUSPENDED" },
    });
    const unit = `{ endpointId: "${endpointId}", unitId: "shop.orders" }`;
    const query = `mutation { startIngestion(input: ${unit}) { ok } }`;
    const { errors } = (await caller(graphql)("POST", "/graphql", { body: { query }, as })).body;
    expect(errors).toMatchObject([{ extensions: { code: "TENANT_SUSPENDED" } }]);
    const collect = await caller(endpoints)("POST", `/endpoints/${endpointId}/collect`, { as });
    expect(collect.body.code).toBe("TENANT_SUSPENDED");
    expect((await caller(endpoints)("GET", "/endpoints", { as })).body.items).toHaveLength(1);
  });

  it("is marked for the bridge, and starts again once it goes on", async () => {
    const { as, endpointId } = await aSuspendedTenant();
    const query = { IndexName: INDEX.pending, KeyConditionExpression: "pendingPk = :pk" };
    const pending = {
      TableName: tables.control,
      ...query,
      ExpressionAttributeValues: { ":pk": PENDING_PK },
    };
    const { Items = [] } = await tables.client.send(new QueryCommand(pending));

    expect(
      Items.filter(({ entity, tenantId }) => entity === "tenant" && tenantId === as.tenantId),
    ).toHaveLength(1);
    const body = { status: "ACTIVE" };
    await manage("PATCH", `/tenants/${as.tenantId}`, { body, headers: { "if-match": "*" } });
    expect((await start(as, endpointId)).status).toBe(202);
  });
});
