import * as z from "zod";
import { CAPABILITIES, Connector } from "../connector.ts";
import {
  ConnectorInput,
  ConnectorPatch,
  ConnectorRegistration,
  ConnectorUpload,
  ConnectorUploadInput,
} from "../connector-registration.ts";
import { Method } from "../method.ts";
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

export const RegisterConnector = operation({
  id: "registerConnector",
  method: "POST",
  path: "/connectors",
  area: "registry",
  role: "admin",
  summary: "Registers a connector from an OpenAPI document, or from methods declared by hand.",
  body: ConnectorInput,
  bodyBounds: { deepest: 200, mostValues: 250_000 },
  answers: { 201: ConnectorRegistration, 202: ConnectorRegistration },
  errors: ["CONFIG_INVALID", "CONFLICT", "FORBIDDEN", "NOT_FOUND", "QUOTA_EXCEEDED"],
});

export const CreateConnectorUpload = operation({
  id: "createConnectorUpload",
  method: "POST",
  path: "/connectors/uploads",
  area: "registry",
  role: "admin",
  summary: "Answers where to put an OpenAPI document of more than 1 MB.",
  body: ConnectorUploadInput,
  answers: { 201: ConnectorUpload },
});

export const PatchConnectorVersion = operation({
  id: "patchConnectorVersion",
  method: "PATCH",
  path: "/connectors/{name}/versions/{version}",
  area: "registry",
  role: "admin",
  summary: "Sets the status of a version. The platform's are the role `platform`'s to set.",
  pathParams: ConnectorVersionPath,
  body: ConnectorPatch,
  answers: { 200: Connector },
  errors: ["FORBIDDEN", "NOT_FOUND"],
});

export const GetConnectorRegistration = operation({
  id: "getConnectorRegistration",
  method: "GET",
  path: "/connectors/{name}/versions/{version}/registration",
  area: "registry",
  role: "viewer",
  summary: "Returns how far a registration is, and which operations cannot be called.",
  pathParams: ConnectorVersionPath,
  answers: { 200: ConnectorRegistration },
  errors: ["NOT_FOUND"],
});

export const ListConnectorMethods = operation({
  id: "listConnectorMethods",
  method: "GET",
  path: "/connectors/{name}/versions/{version}/methods",
  area: "registry",
  role: "viewer",
  summary: "Lists the methods of a connector's version, by name, with their schemas.",
  pathParams: ConnectorVersionPath,
  query: PageQuery,
  answers: { 200: pageOf(Method) },
  errors: ["CURSOR_INVALID", "NOT_FOUND"],
});
