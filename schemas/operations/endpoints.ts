import * as z from "zod";
import { Budget } from "../budget.ts";
import { Collection, FieldChange, Probe } from "../collection.ts";
import { Resource } from "../connector.ts";
import { Credentials, Endpoint, EndpointInput, EndpointPatch } from "../endpoint.ts";
import { EndpointUpgrade, UpgradeInput } from "../endpoint-upgrade.ts";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { SourceSystemOverview } from "../source-system.ts";
import { EndpointHealth } from "./answers.ts";
import { CollectionPath, EndpointPath, ProbePath } from "./paths.ts";

export const PostEndpoint = operation({
  id: "postEndpoint",
  method: "POST",
  path: "/endpoints",
  area: "endpoints",
  role: "admin",
  summary:
    "Registers an endpoint, or updates the endpoint of that name. Credentials are tested " +
    "first; if the source refuses them, nothing changes.",
  body: EndpointInput,
  ifMatch: "optional",
  answers: { 200: Endpoint, 201: Endpoint },
  errors: ["CONFIG_INVALID", "CONFLICT", "QUOTA_EXCEEDED", "AUTH_ERROR"],
});

export const ListEndpoints = operation({
  id: "listEndpoints",
  method: "GET",
  path: "/endpoints",
  area: "endpoints",
  role: "viewer",
  summary: "Lists the tenant's endpoints.",
  query: PageQuery.extend({
    search: z.string().max(200).optional().describe("Part of the name, slug or connector."),
  }),
  answers: { 200: pageOf(Endpoint) },
  errors: ["CURSOR_INVALID"],
});

export const ListSourceSystems = operation({
  id: "listSourceSystems",
  method: "GET",
  path: "/source-systems",
  area: "endpoints",
  role: "viewer",
  summary:
    "Lists the sites that the tenant's endpoints talk to, each with its endpoints. " +
    "Collections find them.",
  query: PageQuery,
  answers: { 200: pageOf(SourceSystemOverview) },
  errors: ["CURSOR_INVALID"],
});

export const GetEndpoint = operation({
  id: "getEndpoint",
  method: "GET",
  path: "/endpoints/{endpointId}",
  area: "endpoints",
  role: "viewer",
  summary: "Returns an endpoint.",
  pathParams: EndpointPath,
  answers: { 200: Endpoint },
  errors: ["NOT_FOUND"],
});

export const PatchEndpoint = operation({
  id: "patchEndpoint",
  method: "PATCH",
  path: "/endpoints/{endpointId}",
  area: "endpoints",
  role: "admin",
  summary: "Changes name, config or `enabled`. Enabling the endpoint again restores its schedules.",
  pathParams: EndpointPath,
  body: EndpointPatch,
  ifMatch: "required",
  answers: { 200: Endpoint },
  errors: ["NOT_FOUND", "CONFIG_INVALID", "CONFLICT", "AUTH_ERROR"],
});

export const DeleteEndpoint = operation({
  id: "deleteEndpoint",
  method: "DELETE",
  path: "/endpoints/{endpointId}",
  area: "endpoints",
  role: "admin",
  summary:
    "Deletes the endpoint at once. Its runs are stopped; its catalogue, configs, schedules, " +
    "runs, checkpoints, staged data and credentials are deleted within minutes. Landed data " +
    "is kept.",
  pathParams: EndpointPath,
  ifMatch: "required",
  answers: { 204: null },
  errors: ["NOT_FOUND"],
});

export const PutEndpointCredentials = operation({
  id: "putEndpointCredentials",
  method: "PUT",
  path: "/endpoints/{endpointId}/credentials",
  area: "endpoints",
  role: "admin",
  summary:
    "Replaces the endpoint's credentials if the source accepts them. They can never be read back.",
  pathParams: EndpointPath,
  body: Credentials,
  ifMatch: "optional",
  answers: { 200: Endpoint },
  errors: ["NOT_FOUND", "CONFIG_INVALID", "AUTH_ERROR"],
});

export const TestEndpoint = operation({
  id: "testEndpoint",
  method: "POST",
  path: "/endpoints/{endpointId}/test",
  area: "endpoints",
  role: "operator",
  summary:
    "Tests the connection to the source. Answers 202 with a probe when that takes longer than " +
    "20 s.",
  pathParams: EndpointPath,
  answers: { 200: Probe, 202: Probe },
  errors: ["NOT_FOUND"],
});

export const UpgradeEndpoint = operation({
  id: "upgradeEndpoint",
  method: "POST",
  path: "/endpoints/{endpointId}/upgrade",
  area: "endpoints",
  role: "admin",
  summary:
    "Moves the endpoint to another version of its connector, and returns what changed. " +
    "Collect the endpoint afterwards. A dry run needs no If-Match.",
  pathParams: EndpointPath,
  body: UpgradeInput,
  ifMatch: "required",
  answers: { 200: EndpointUpgrade },
  errors: ["NOT_FOUND", "CONFIG_INVALID", "CONFLICT", "RUN_ACTIVE"],
});

export const CollectEndpoint = operation({
  id: "collectEndpoint",
  method: "POST",
  path: "/endpoints/{endpointId}/collect",
  area: "endpoints",
  role: "operator",
  summary: "Starts a collection of the catalogue, or returns the collection that is under way.",
  pathParams: EndpointPath,
  idempotencyKey: true,
  answers: { 202: Collection },
  errors: [
    "NOT_FOUND",
    "ENDPOINT_DISABLED",
    "CONFLICT",
    "IDEMPOTENCY_IN_FLIGHT",
    "IDEMPOTENCY_MISMATCH",
    "TENANT_SUSPENDED",
  ],
});

export const GetCollection = operation({
  id: "getCollection",
  method: "GET",
  path: "/endpoints/{endpointId}/collections/{collectionId}",
  area: "endpoints",
  role: "viewer",
  summary: "Returns a collection: what it added, changed and no longer found.",
  pathParams: CollectionPath,
  answers: { 200: Collection },
  errors: ["NOT_FOUND"],
});

export const ListFieldChanges = operation({
  id: "listFieldChanges",
  method: "GET",
  path: "/endpoints/{endpointId}/collections/{collectionId}/field-changes",
  area: "endpoints",
  role: "viewer",
  summary: "Lists all fields that a collection found added, changed or removed.",
  pathParams: CollectionPath,
  query: PageQuery,
  answers: { 200: pageOf(FieldChange) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const ListResources = operation({
  id: "listResources",
  method: "GET",
  path: "/endpoints/{endpointId}/resources",
  area: "endpoints",
  role: "viewer",
  summary: "Lists the API resources of the endpoint's connector, with schema and sample.",
  pathParams: EndpointPath,
  query: PageQuery,
  answers: { 200: pageOf(Resource) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const GetEndpointHealth = operation({
  id: "getEndpointHealth",
  method: "GET",
  path: "/endpoints/{endpointId}/health",
  area: "endpoints",
  role: "viewer",
  summary: "Returns the endpoint's health: credentials, catalogue, last run of each unit.",
  pathParams: EndpointPath,
  answers: { 200: EndpointHealth },
  errors: ["NOT_FOUND"],
});

export const GetEndpointBudget = operation({
  id: "getEndpointBudget",
  method: "GET",
  path: "/endpoints/{endpointId}/budget",
  area: "endpoints",
  role: "viewer",
  summary:
    "Returns the budget of the endpoint's credential: limits and who set them, usage, holds.",
  pathParams: EndpointPath,
  answers: { 200: Budget },
  errors: ["NOT_FOUND"],
});

export const GetProbe = operation({
  id: "getProbe",
  method: "GET",
  path: "/probes/{probeId}",
  area: "endpoints",
  role: "viewer",
  summary: "Returns a connection test or preview that was answered with 202.",
  pathParams: ProbePath,
  answers: { 200: Probe },
  errors: ["NOT_FOUND"],
});
