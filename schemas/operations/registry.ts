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
  summary: "Lists connectors, best match first, each with what it takes to pick and configure one.",
  query: PageQuery.extend({
    search: z
      .string()
      .max(400)
      .optional()
      .describe("A task in words. Names, titles and descriptions of methods count, too."),
    capability: z.enum(CAPABILITIES).optional(),
    resource: z.string().max(100).optional().describe("Name of a resource, or a part of it."),
    event: z.string().max(100).optional().describe("Type of an event, or a part of it."),
    method: z.string().max(128).optional().describe("Name of a method, or a part of it."),
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
  summary: "Returns the newest version of a connector.",
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
  summary: "Returns one version of a connector.",
  pathParams: ConnectorVersionPath,
  answers: { 200: Connector },
  errors: ["NOT_FOUND"],
});
