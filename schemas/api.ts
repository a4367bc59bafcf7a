/** Every operation of the REST API (docs/design/api.md). */
import { METHODS, type Operation } from "./operation.ts";
import * as agents from "./operations/agents.ts";
import * as audit from "./operations/audit.ts";
import * as credentials from "./operations/credentials.ts";
import * as datasets from "./operations/datasets.ts";
import * as endpoints from "./operations/endpoints.ts";
import * as kb from "./operations/knowledge.ts";
import * as methods from "./operations/methods.ts";
import * as oauthCallback from "./operations/oauth-callback.ts";
import * as registry from "./operations/registry.ts";
import * as runs from "./operations/runs.ts";
import * as operations from "./operations/service.ts";
import * as sinks from "./operations/sinks.ts";
import * as tenants from "./operations/tenants.ts";
import * as transforms from "./operations/transforms.ts";
import * as units from "./operations/units.ts";

const { GraphqlRequest: _, ...service } = operations;

/** By path, then method: the order of a module's exports is not the same to every bundler. */
export const OPERATIONS: readonly Operation[] = [
  registry,
  sinks,
  endpoints,
  methods,
  transforms,
  datasets,
  units,
  runs,
  audit,
  tenants,
  kb,
  agents,
  credentials,
  oauthCallback,
  service,
]
  .flatMap((area) => Object.values(area) as unknown as Operation[])
  .sort((a, b) =>
    a.path === b.path
      ? METHODS.indexOf(a.method) - METHODS.indexOf(b.method)
      : a.path < b.path
        ? -1
        : 1,
  );
