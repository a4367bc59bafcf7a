import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiClient } from "../../client/api-client.ts";
import { CreateTenant, GetTenant } from "../../schemas/operations/tenants.ts";
import { NOTHING } from "../stage/remains.ts";
import { aCollectedEndpoint, aName } from "../stage/stack/endpoint.ts";
import { anEndpointToDelete } from "../stage/stack/endpoint-to-delete.ts";
import { admin, anAdminOf, platform } from "../stage/stack/people.ts";
import { remainsInStack, untilDeleted } from "../stage/stack/remains.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { until } from "../stage/stack/until.ts";

/** Thirty seconds of it are for requests that were under way. */
const DELETED_WITHIN_SECONDS = 120;

let site: Site;
beforeAll(async () => {
  site = await aSite({ issues: 1_000 });
});
afterAll(() => site.stop());

const removeAt = async (api: ApiClient, path: string) =>
  (await api.send("DELETE", path, undefined, { "if-match": "*" })).status;

describe("an endpoint that is deleted while it is at work", () => {
  it("is gone at once, and then nothing of it is left anywhere", async () => {
    const { endpointId, runIds } = await anEndpointToDelete(site, admin(), {
      tenantId: "demo",
      unitIds: ["jira.issues"],
    });
    const path = `/endpoints/${endpointId}`;
    const before = await remainsInStack(endpointId, ...runIds);
    for (const [place, found] of Object.entries(before))
      expect([place, found]).not.toEqual([place, []]);
    expect(await removeAt(admin(), path)).toBe(204);
    expect((await admin().send("GET", path)).status).toBe(404);

    const restarted = await admin().send("POST", "/runs", { endpointId, unitId: "jira.issues" });
    expect(restarted.status).toBe(404);
    await untilDeleted(endpointId, admin(), DELETED_WITHIN_SECONDS);
    expect(await remainsInStack(endpointId, ...runIds)).toEqual(NOTHING);
  });
});

describe("a tenant that is deleted while it is at work", () => {
  it("leaves nothing anywhere, is unknown afterwards, and may come again", async () => {
    const tenantId = aName("tenant").replace("_", "-");
    const path = `/tenants/${tenantId}`;
    await platform().call(CreateTenant, { body: { tenantId, name: "Doomed" } });
    const own = await anAdminOf(tenantId);
    const { endpointId } = await anEndpointToDelete(site, own, {
      tenantId,
      unitIds: ["jira.issues"],
    });
    const before = await remainsInStack(tenantId);
    for (const [place, found] of Object.entries(before))
      expect([place, found]).not.toEqual([place, []]);
    expect(await removeAt(platform(), path)).toBe(202);

    const deleting = await platform().call(GetTenant, { path: { tenantId } });
    expect(deleting).toMatchObject({ status: "DELETING" });
    await until("the tenant to be gone", DELETED_WITHIN_SECONDS, async () => {
      return (await platform().send("GET", path)).status === 404;
    });
    expect(await remainsInStack(tenantId)).toEqual(NOTHING);
    expect((await own.send("GET", `/endpoints/${endpointId}`)).status).toBe(404);
    expect(JSON.parse((await own.send("GET", "/endpoints")).text)).toEqual({
      items: [],
      nextCursor: null,
    });
    await platform().call(CreateTenant, { body: { tenantId, name: "Come again" } });
    await aCollectedEndpoint(site, "again", own);
  });
});
