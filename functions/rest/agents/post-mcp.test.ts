import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { beforeAll, describe, expect, it } from "vitest";
import { publishManifest } from "../../../adapters/dynamodb/registry/connectors.ts";
import { AGENT_TOOLS } from "../../../schemas/agent-tools.ts";
import {
  ADMIN,
  type Caller,
  caller,
  gatewayEvent,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
import { aShop } from "../../../tests/stage/shop-vendor/plugin.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler } from "./handler.ts";

const OPERATOR: Caller = { tenantId: "acme", roles: ["operator"] };

/** The official client, whose requests go to the handler as the gateway would pass them on. */
async function connected(as: Caller): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const fetch = async (url: URL | string, init?: RequestInit) => {
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    const event = gatewayEvent(init?.method ?? "GET", new URL(url).pathname, { body, as });
    const answer = await handler(event);
    const hasBody = answer.body !== "";
    return new Response(hasBody ? answer.body : null, {
      status: answer.statusCode,
      headers: answer.headers,
    });
  };
  const transport = new StreamableHTTPClientTransport(new URL("http://api.invalid/mcp"), { fetch });
  // The library's own types disagree where optional properties are exact.
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  return client;
}

const textOf = (result: unknown) => {
  const [first] = (result as { content: { text: string }[] }).content;
  return JSON.parse(first?.text ?? "null");
};

describe("agents over HTTP", () => {
  beforeAll(async () => {
    const connectors = [aShop()];
    await publishManifest(await startControlPlane(), { workerVersion: "1.0.0", connectors });
    const body = { name: "Shop", connector: "shop", config: { baseUrl: "https://shop.example" } };
    await caller(endpoints)("POST", "/endpoints", { body });
  });

  it("are shown every tool, with the form of its arguments", async () => {
    const client = await connected(VIEWER);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(AGENT_TOOLS.map(({ name }) => name));
    for (const { inputSchema } of tools) expect(inputSchema.type).toBe("object");
  });

  it("see what the token's tenant has, and no other's", async () => {
    const mine = await (await connected(ADMIN)).callTool({ name: "list_endpoints" });
    expect(textOf(mine).items.map(({ name }: { name: string }) => name)).toEqual(["Shop"]);

    const stranger = { ...VIEWER, tenantId: "others" };
    const theirs = await (await connected(stranger)).callTool({ name: "list_endpoints" });
    expect(textOf(theirs).items).toEqual([]);
  });

  it("find a method by a task's words, and call no more than the endpoint lists", async () => {
    const client = await connected(OPERATOR);
    const { items } = textOf(
      await client.callTool({ name: "find_methods", arguments: { task: "place an order" } }),
    );
    const [best] = items;
    expect(best).toMatchObject({ endpoint: "Shop", method: "placeOrder", safe: false });

    const { endpointId, method } = best;
    const address = { endpointId, method };
    const described = textOf(
      await client.callTool({ name: "describe_method", arguments: address }),
    );
    expect(described.paramSchema.type).toBe("object");

    const refused = await client.callTool({ name: "call_method", arguments: address });
    expect(refused.isError).toBe(true);
    expect(textOf(refused)).toMatchObject({ code: "FORBIDDEN" });
    expect(textOf(refused).detail).toContain("agentMethods");
  });

  it("call nothing as viewers", async () => {
    const client = await connected(VIEWER);
    const found = await client.callTool({ name: "find_methods", arguments: { task: "orders" } });
    const { endpointId, method } = textOf(found).items[0];
    const refused = await client.callTool({
      name: "call_method",
      arguments: { endpointId, method },
    });
    expect([refused.isError, textOf(refused).code]).toEqual([true, "FORBIDDEN"]);
  });

  it("are told what is wrong with a call, and go on", async () => {
    const client = await connected(VIEWER);
    const unknown = await client.callTool({ name: "drop_tables" });
    const odd = await client.callTool({ name: "get_run", arguments: { runId: 7 } });
    const missing = await client.callTool({
      name: "get_run",
      arguments: { runId: "run_01JD0000000000000000000001" },
    });

    expect([unknown.isError, odd.isError, missing.isError]).toEqual([true, true, true]);
    expect(textOf(unknown).detail).toContain("list_endpoints");
    expect(textOf(odd).detail).toContain("runId");
    expect(textOf(missing).code).toBe("NOT_FOUND");
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  });
});
