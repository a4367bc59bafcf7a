import * as z from "zod";
import { CAPABILITIES, Connector } from "../connector.ts";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { ConnectorSummary } from "./answers.ts";
import { ConnectorPath, ConnectorVersionPath } from "./paths.ts";

export const ListConnectors = operation({
  id: "listConnectors",
  method: "GET",
  path: "/connectors",
  area: "registry",
  role: "viewer",
  summary: "Connectors, best match first, with resources, units and auth of each.",
  query: PageQuery.extend({
    search: z.string().max(200).optional().describe("Words; all must occur."),
    capability: z.enum(CAPABILITIES).optional(),
    resource: z.string().max(100).optional().describe("Name of a resource, or a part of it."),
    kind: z.enum(["source", "sink"]).optional(),
  }),
  answers: { 200: pageOf(ConnectorSummary) },
  errors: ["CURSOR_INVALID"],
});

export const GetConnector = operation({
  id: "getConnector",
  method: "GET",
  path: "/connectors/{name}",
  area: "registry",
  role: "viewer",
  summary: "The newest version of a connector.",
  pathParams: ConnectorPath,
  answers: { 200: Connector },
  errors: ["NOT_FOUND"],
});

export const GetConnectorVersion = operation({
  id: "getConnectorVersion",
  method: "GET",
  path: "/connectors/{name}/versions/{version}",
  area: "registry",
  role: "viewer",
  summary: "One version of a connector.",
  pathParams: ConnectorVersionPath,
  answers: { 200: Connector },
  errors: ["NOT_FOUND"],
});
