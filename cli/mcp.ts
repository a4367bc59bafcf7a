/** `inlet mcp`: the tools of `schemas/agent-tools.ts` for an agent on this machine, over stdio. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { ApiClient } from "../client/api-client.ts";
import { RefusedError } from "../client/errors.ts";
import { AGENT_TOOLS, describeTool, planToolCall, toolResult } from "../schemas/agent-tools.ts";
import { VERSION } from "./version.ts";

/**
 * Serves until standard input ends. Standard output carries the protocol and nothing else. The
 * agent may do what the token of the target may.
 */
export async function serveAgents(api: ApiClient): Promise<void> {
  const server = new Server({ name: "inlet", version: VERSION }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: AGENT_TOOLS.map(describeTool),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
    answer(api, params.name, params.arguments),
  );

  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
    process.stdin.once("end", () => void server.close());
  });
  await server.connect(new StdioServerTransport());
  await ended;
}

async function answer(api: ApiClient, name: string, args: unknown) {
  const planned = planToolCall(name, args);
  if ("fault" in planned) return toolResult(400, { detail: planned.fault });

  try {
    const { status, body } = await api.ask(planned.operation, planned.request);
    return toolResult(Number(status), body);
  } catch (error) {
    if (error instanceof RefusedError) return toolResult(error.problem.status, error.problem);
    return toolResult(503, { detail: (error as Error).message });
  }
}
