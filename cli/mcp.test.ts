import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterEach, describe, expect, it } from "vitest";
import { AGENT_TOOLS } from "../schemas/agent-tools.ts";
import { apiUrl, asked, finished, home, problem, replies, TOKEN } from "./command-under-test.ts";

const RUN = "run_01JD0000000000000000000001";
let client: Client;
afterEach(() => client.close());

/** The official client, with the built command as its server. */
async function connect(): Promise<Client> {
  client = new Client({ name: "test", version: "1" });
  const env = { PATH: process.env.PATH ?? "", INLET_API_URL: apiUrl, INLET_TOKEN: TOKEN };
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(home, "bin/inlet.mjs"), "mcp"],
      env: { ...env, XDG_CONFIG_HOME: home },
      cwd: home,
    }),
  );
  return client;
}

const textOf = (result: unknown) =>
  (result as { content: { text: string }[] }).content[0]?.text ?? "";

describe("inlet mcp", () => {
  it("serves every tool, and answers with what the API says", async () => {
    replies[`GET /v1/runs/${RUN}`] = [finished("COMPLETE")];
    await connect();

    const { tools } = await client.listTools();
    const found = await client.callTool({ name: "get_run", arguments: { runId: RUN } });

    expect(tools.map(({ name }) => name)).toEqual(AGENT_TOOLS.map(({ name }) => name));
    expect(JSON.parse(textOf(found))).toMatchObject({ runId: RUN, status: "COMPLETE" });
    expect(asked.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it("passes refusals on with their remedy, and no token", async () => {
    replies[`GET /v1/runs/${RUN}`] = [problem("FORBIDDEN", "Ask an admin of your tenant.")];
    await connect();

    const refused = await client.callTool({ name: "get_run", arguments: { runId: RUN } });
    const unknown = await client.callTool({ name: "no_such_tool" });

    expect([refused.isError, unknown.isError]).toEqual([true, true]);
    expect(textOf(refused)).toContain("Ask an admin of your tenant.");
    expect(textOf(refused)).not.toContain(TOKEN);
  });
});
