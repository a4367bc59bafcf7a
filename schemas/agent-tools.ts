/**
 * What an agent may ask of Inlet, as tools of the Model Context Protocol: each is one operation of
 * the API, with as little to fill in as its task needs. Two doors serve them: `inlet mcp` on
 * standard input and output, and `POST /mcp`.
 */
import * as z from "zod";
import { MethodName } from "./method.ts";
import type { Operation } from "./operation.ts";
import { ListEndpoints } from "./operations/endpoints.ts";
import { CallMethod, FindMethods, GetCall, GetMethod } from "./operations/methods.ts";
import { ListConnectors } from "./operations/registry.ts";
import { GetRun, ListRuns } from "./operations/runs.ts";
import { Id } from "./scalars.ts";

/** Input of an operation. */
export interface ToolRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

export interface AgentTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Whether it changes nothing, wherever it is. */
  readonly readOnly: boolean;
  readonly input: z.ZodObject;
  readonly operation: Operation;
  readonly request: (args: never) => ToolRequest;
}

function tool<I extends z.ZodObject>(
  draft: Omit<AgentTool, "input" | "request"> & {
    readonly input: I;
    readonly request: (args: z.infer<I>) => ToolRequest;
  },
): AgentTool {
  return draft;
}

const Task = z
  .string()
  .min(1)
  .max(200)
  .describe("What shall be done, in a few words. For example: create a ticket in jira.");
const Few = z.int().min(1).max(50).default(10).describe("At most so many.");

export const AGENT_TOOLS: readonly AgentTool[] = [
  tool({
    name: "find_connectors",
    title: "Find connectors",
    description:
      "Finds the systems that Inlet can work with, best match first, each with what it needs to " +
      "be configured. Use it when no endpoint of the tenant fits.",
    readOnly: true,
    input: z.strictObject({ task: Task, limit: Few }),
    operation: ListConnectors,
    request: ({ task, limit }) => ({ query: { search: task, limit } }),
  }),
  tool({
    name: "list_endpoints",
    title: "List endpoints",
    description: "Lists the systems that the tenant has configured, with their ids.",
    readOnly: true,
    input: z.strictObject({ search: z.string().max(200).optional(), limit: Few }),
    operation: ListEndpoints,
    request: (query) => ({ query }),
  }),
  tool({
    name: "find_methods",
    title: "Find methods",
    description:
      "Finds methods of the configured systems by what shall be done, best match first. Look at " +
      "one with describe_method before you call it.",
    readOnly: true,
    input: z.strictObject({ task: Task, limit: Few }),
    operation: FindMethods,
    request: ({ task, limit }) => ({ query: { search: task, limit } }),
  }),
  tool({
    name: "describe_method",
    title: "Describe a method",
    description: "Returns a method with the JSON Schemas of its parameters and its answer.",
    readOnly: true,
    input: z.strictObject({ endpointId: Id, method: MethodName }),
    operation: GetMethod,
    request: (path) => ({ path }),
  }),
  tool({
    name: "call_method",
    title: "Call a method",
    description:
      "Calls a method of a configured system, and returns its result. Methods that change " +
      "something are called only where the endpoint lists them for agents.",
    readOnly: false,
    input: z.strictObject({
      endpointId: Id,
      method: MethodName,
      params: z.record(z.string().max(200), z.unknown()).default({}),
    }),
    operation: CallMethod,
    request: ({ endpointId, method, params }) => ({
      path: { endpointId, method },
      body: { params, agent: true },
    }),
  }),
  tool({
    name: "get_call",
    title: "Get a call",
    description: "Returns a call that takes longer, with its result once it has ended.",
    readOnly: true,
    input: z.strictObject({ endpointId: Id, callId: Id }),
    operation: GetCall,
    request: (path) => ({ path }),
  }),
  tool({
    name: "list_runs",
    title: "List runs",
    description: "Lists the latest ingestion runs, newest first, with their status.",
    readOnly: true,
    input: z.strictObject({ endpointId: Id.optional(), unitId: Id.optional(), limit: Few }),
    operation: ListRuns,
    request: (query) => ({ query }),
  }),
  tool({
    name: "get_run",
    title: "Get a run",
    description: "Returns one run: status, progress, statistics and evidence.",
    readOnly: true,
    input: z.strictObject({ runId: Id }),
    operation: GetRun,
    request: (path) => ({ path }),
  }),
];

/** A tool as `tools/list` shows it. */
export function describeTool({ name, title, description, readOnly, input }: AgentTool) {
  return {
    name,
    title,
    description,
    inputSchema: z.toJSONSchema(input, { io: "input" }) as { type: "object" },
    annotations: { readOnlyHint: readOnly, openWorldHint: true },
  };
}

export type PlannedCall =
  | { readonly operation: Operation; readonly request: ToolRequest }
  | { readonly fault: string };

/** The operation that a tool call asks for; or what is wrong with it, for the agent to mend. */
export function planToolCall(name: string, args: unknown): PlannedCall {
  const found = AGENT_TOOLS.find((one) => one.name === name);
  if (!found) {
    const known = AGENT_TOOLS.map((one) => one.name).join(", ");
    return { fault: `There is no tool of this name. Call one of ${known}.` };
  }

  const parsed = found.input.safeParse(args ?? {});
  if (!parsed.success)
    return { fault: `The arguments do not fit. ${z.prettifyError(parsed.error)}` };
  return { operation: found.operation, request: found.request(parsed.data as never) };
}

/** What `tools/call` answers. Refusals are answers too, so that the agent can read the remedy. */
export function toolResult(status: number, body: unknown) {
  return {
    content: [{ type: "text" as const, text: JSON.stringify(body ?? null) }],
    isError: status >= 400,
  };
}
