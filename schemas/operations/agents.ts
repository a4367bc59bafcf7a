import * as z from "zod";
import { operation } from "../operation.ts";

/** JSON-RPC 2.0, as the Model Context Protocol uses it: one message a request. */
const Message = z
  .looseObject({
    jsonrpc: z.literal("2.0"),
    id: z.union([z.string().max(200), z.int()]).optional(),
    method: z.string().max(200).optional(),
    params: z.record(z.string().max(200), z.unknown()).optional(),
  })
  .meta({ id: "McpMessage", description: "A message of the Model Context Protocol." });

export const PostMcp = operation({
  id: "postMcp",
  method: "POST",
  path: "/mcp",
  area: "agents",
  role: "viewer",
  summary:
    "Serves Inlet's tools to agents: the Model Context Protocol over HTTP, stateless, with JSON " +
    "answers. An agent may do what the token may.",
  body: Message,
  answers: { 200: Message, 202: null },
});
