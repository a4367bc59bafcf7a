import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import * as http from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import {
  AGENT_TOOLS,
  describeTool,
  planToolCall,
  type ToolRequest,
  toolResult,
} from "../../../schemas/agent-tools.ts";
import type { Operation } from "../../../schemas/operation.ts";
import type { PostMcp } from "../../../schemas/operations/agents.ts";
import type { Answer } from "../../runtime/answer.ts";
import { GatewayEvent } from "../../runtime/gateway-event.ts";
import { toDomainError, toProblem } from "../../runtime/http-errors.ts";
import { requireRole } from "../../runtime/identity.ts";
import { parseRequest, type Request } from "../../runtime/request.ts";
import type { Route } from "../../runtime/rest.ts";
import { logUnexpected } from "../../runtime/telemetry.ts";

type McpRequest = Request<typeof PostMcp>;

/** The protocol's own headers: the gateway's door is JSON only, whatever a client prefers. */
const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/**
 * `POST /mcp` over the operations of `routes`. Nothing is kept between two messages, so that any
 * instance can answer the next one.
 */
export const postMcp =
  <D>(routes: readonly Route<D>[]) =>
  async (request: McpRequest, deps: D): Promise<Answer> => {
    const server = new Server({ name: "inlet", version: "1" }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: AGENT_TOOLS.map(describeTool),
    }));
    server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
      callTool(routes, params.name, params.arguments, request, deps),
    );

    const transport = new http.WebStandardStreamableHTTPServerTransport({
      enableJsonResponse: true,
    });
    await server.connect(transport);
    try {
      const url = "http://inlet.invalid/mcp";
      const message = new globalThis.Request(url, { method: "POST", headers: HEADERS });
      const answer = await transport.handleRequest(message, { parsedBody: request.body });
      const text = await answer.text();

      return { status: answer.status, ...(text !== "" && { body: JSON.parse(text) }) };
    } finally {
      await server.close();
    }
  };

async function callTool<D>(
  routes: readonly Route<D>[],
  name: string,
  args: unknown,
  request: McpRequest,
  deps: D,
) {
  const planned = planToolCall(name, args);
  if ("fault" in planned) return toolResult(400, { detail: planned.fault });

  try {
    const { status, body } = await perform(
      routes,
      planned.operation,
      planned.request,
      request,
      deps,
    );
    return toolResult(status, body);
  } catch (thrown) {
    const error = toDomainError(thrown);
    if (error.code === "INTERNAL") logUnexpected(request.requestId, thrown);
    const problem = toProblem(error, request.requestId);
    return toolResult(problem.status, problem);
  }
}

/** As if it had come through its own path: the same contract, the same role. */
async function perform<D>(
  routes: readonly Route<D>[],
  operation: Operation,
  { path = {}, query = {}, body }: ToolRequest,
  { requestId, identity, now }: McpRequest,
  deps: D,
): Promise<Answer> {
  const found = routes.find((one) => one.operation.id === operation.id);
  if (!found) throw new Error(`No route of the agents' door does ${operation.id}.`);
  if (operation.role !== "public") requireRole(identity, operation.role);

  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const event = GatewayEvent.parse({
    requestContext: { requestId, http: { method: operation.method, path: operation.path } },
    headers: { "content-type": "application/json" },
    pathParameters: path,
    queryStringParameters: Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return found.handle(parseRequest(operation, event, identity, now) as never, deps);
}
