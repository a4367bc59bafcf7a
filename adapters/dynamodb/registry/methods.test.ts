import { beforeAll, expect, it } from "vitest";
import type { Method } from "../../../schemas/method.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import { aSource } from "../../../tests/stage/shop.ts";
import type { Tables } from "../client.ts";
import { removeTenantItems } from "../deletion/tenant-items.ts";
import { put, write } from "../table/write.ts";
import {
  findConnector,
  getConnector,
  listConnectors,
  listConnectorVersions,
  publishManifest,
} from "./connectors.ts";
import { connectorItem } from "./items.ts";
import { findMethod, listMethods, putMethods, readMethodWords } from "./methods.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
  const methods = [aMethod("listOrders"), aMethod("getOrder")];
  await publishManifest(tables, {
    workerVersion: "1",
    connectors: [aSource({ methods }), aSource({ name: "desk" })],
  });
});

const aMethod = (name: string, title = name): Method => ({
  name,
  title,
  description: `What ${name} does.`,
  resource: null,
  paramSchema: { type: "object", properties: { id: { type: "string" } } },
  responseSchema: { type: "object" },
  safe: true,
  idempotent: true,
  scopes: [],
});

/** A connector of the tenant's own, of which each method is there already. */
async function register(tenantId: string, name: string, version: string, methods: Method[]) {
  const known = methods.map((method) => ({ method, call: null }));
  await putMethods(tables, { owner: tenantId, connector: name, version }, known);
  const connector = aSource({ name, version, title: tenantId });
  await write(tables, put(tables.control, connectorItem(tenantId, connector)));
}

const find = async (tenantId: string, name: string, version = "1.2.0", connector = "shop") =>
  (await findMethod(tables, tenantId, connector, version, name))?.method.title;
const names = async (tenantId: string, connector: string, version: string) => {
  const page = await listMethods(tables, tenantId, connector, version, { limit: 100 });
  return page.items.map(({ method }) => method.name);
};

it("methods of a published connector are items of their own, as they were given", async () => {
  expect(await findMethod(tables, "acme", "shop", "1.2.0", "getOrder")).toEqual({
    method: aMethod("getOrder"),
    call: null,
  });
  expect(await find("acme", "getorder")).toBeUndefined();
  expect(await find("acme", "getOrder", "9.9.9")).toBeUndefined();
  expect(await getConnector(tables, "acme", "shop", "1.2.0")).toEqual(aSource({ methodCount: 2 }));
  expect(await names("acme", "desk", "1.2.0")).toEqual([]);
});

it("are listed page by page", async () => {
  const first = await listMethods(tables, "acme", "shop", "1.2.0", { limit: 1 });
  expect(first).toMatchObject({ items: [{ method: { name: "getOrder" } }] });
  const page = { limit: 1, after: first.next ?? undefined };
  const second = await listMethods(tables, "acme", "shop", "1.2.0", page);
  expect(second).toMatchObject({ items: [{ method: { name: "listOrders" } }], next: null });
});

it("a version published again has the methods that it names now", async () => {
  const publish = (methods: Method[]) =>
    publishManifest(tables, {
      workerVersion: "1",
      connectors: [aSource({ name: "kiosk", methods })],
    });
  await publish([aMethod("old"), aMethod("kept", "before")]);
  await publish([aMethod("kept", "after"), aMethod("new")]);

  expect(await names("acme", "kiosk", "1.2.0")).toEqual(["kept", "new"]);
  expect(await find("acme", "kept", "1.2.0", "kiosk")).toBe("after");
  const kiosk = { owner: null, connector: "kiosk", version: "1.2.0" };
  const [words] = await readMethodWords(tables, [kiosk]);
  expect(words?.map(({ name }) => name)).toEqual(["kept", "new"]);
});

it("a tenant's own connector is seen by that tenant alone, in the platform's place", async () => {
  await register("acme", "desk", "2.0.0", [aMethod("open", "acme's")]);
  await register("acme", "own", "1.0.0", [aMethod("open", "acme's")]);
  await register("other", "own", "1.0.0", [aMethod("open", "other's"), aMethod("close")]);

  expect(await find("acme", "open", "1.0.0", "own")).toBe("acme's");
  expect(await find("other", "open", "1.0.0", "own")).toBe("other's");
  expect(await find("acme", "close", "1.0.0", "own")).toBeUndefined();
  expect(await find("third", "open", "1.0.0", "own")).toBeUndefined();
  expect(await findConnector(tables, "third", "own", "1.0.0")).toBeUndefined();
  expect(await names("third", "own", "1.0.0")).toEqual([]);

  const seen = async (tenantId: string) =>
    (await listConnectors(tables, tenantId)).map(({ name, version }) => `${name} ${version}`);
  expect(await seen("acme")).toEqual(["desk 2.0.0", "own 1.0.0", "kiosk 1.2.0", "shop 1.2.0"]);
  expect(await seen("third")).toEqual(["desk 1.2.0", "kiosk 1.2.0", "shop 1.2.0"]);
  const versions = await listConnectorVersions(tables, "acme", "desk");
  expect(versions.map(({ version }) => version)).toEqual(["2.0.0"]);
});

it("methods without a connector are nobody's, and the platform's not a tenant's", async () => {
  const half = { owner: "acme", connector: "half", version: "1.0.0" };
  await putMethods(tables, half, [{ method: aMethod("early"), call: null }]);
  expect(await find("acme", "early", "1.0.0", "half")).toBeUndefined();

  await register("acme", "shop", "1.2.0", [aMethod("mine")]);
  expect(await find("acme", "getOrder")).toBeUndefined();
  expect(await find("acme", "mine")).toBe("mine");
  expect(await find("third", "mine")).toBeUndefined();
});

it("a deleted tenant leaves none behind", async () => {
  await register("gone", "own", "1.0.0", [aMethod("open")]);
  await removeTenantItems(tables, "gone");
  expect(await find("gone", "open", "1.0.0", "own")).toBeUndefined();
  await register("gone", "own", "1.0.0", []);
  expect(await names("gone", "own", "1.0.0")).toEqual([]);
});
