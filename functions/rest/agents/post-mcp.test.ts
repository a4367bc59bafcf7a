import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { beforeAll, describe, expect, it } from "vitest";
import { AGENT_TOOLS } from "../../../schemas/agent-tools.ts";
import {
  ADMIN,
  caller,
  gatewayEvent,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler } from "./handler.ts";

/** The official client, whose requests go to the handler as the gateway would pass them on. */
async function connected(as: typeof VIEWER): Promise<Client> {
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
    await startControlPlane();
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
