import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import { PostMcp } from "../../../schemas/operations/agents.ts";
import { ListEndpoints } from "../../../schemas/operations/endpoints.ts";
import { ListConnectors } from "../../../schemas/operations/registry.ts";
import { GetRun, ListRuns } from "../../../schemas/operations/runs.ts";
import { tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { listEndpoints } from "../endpoints/list-endpoints.ts";
import { listConnectors } from "../registry/list-connectors.ts";
import { getRun } from "../runs/get-run.ts";
import { listRuns } from "../runs/list-runs.ts";
import { postMcp } from "./post-mcp.ts";

const deps = once(async () => ({
  ...tenantDeps(),
  cursors: sealedCursors(await readCursorKey(readEnv("cursorSecret").cursorSecret)),
}));

/** What the tools of `schemas/agent-tools.ts` do, each by the handler that its own path has. */
const TOOL_ROUTES = [
  route(ListConnectors, listConnectors),
  route(ListEndpoints, listEndpoints),
  route(ListRuns, listRuns),
  route(GetRun, getRun),
];

export const handler = restHandler([route(PostMcp, postMcp(TOOL_ROUTES))], deps, admitRequest);
