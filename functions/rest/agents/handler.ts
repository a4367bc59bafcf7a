import { PostMcp } from "../../../schemas/operations/agents.ts";
import { ListEndpoints } from "../../../schemas/operations/endpoints.ts";
import {
  CallMethod,
  FindMethods,
  GetCall,
  GetMethod,
} from "../../../schemas/operations/methods.ts";
import { ListConnectors } from "../../../schemas/operations/registry.ts";
import { GetRun, ListRuns } from "../../../schemas/operations/runs.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { listEndpoints } from "../endpoints/list-endpoints.ts";
import { callMethod } from "../methods/call-method.ts";
import { findMethods } from "../methods/find-methods.ts";
import { getCall } from "../methods/get-call.ts";
import { getMethod } from "../methods/get-method.ts";
import { methodsDeps } from "../methods/open-deps.ts";
import { listConnectors } from "../registry/list-connectors.ts";
import { getRun } from "../runs/get-run.ts";
import { listRuns } from "../runs/list-runs.ts";
import { postMcp } from "./post-mcp.ts";

/** What the tools of `schemas/agent-tools.ts` do, each by the handler that its own path has. */
const TOOL_ROUTES = [
  route(ListConnectors, listConnectors),
  route(ListEndpoints, listEndpoints),
  route(FindMethods, findMethods),
  route(GetMethod, getMethod),
  route(CallMethod, callMethod),
  route(GetCall, getCall),
  route(ListRuns, listRuns),
  route(GetRun, getRun),
];

export const handler = restHandler(
  [route(PostMcp, postMcp(TOOL_ROUTES))],
  methodsDeps,
  admitRequest,
);
