import * as z from "zod";
import { IntegrationResult } from "../integration-result.ts";
import { Method, MethodName } from "../method.ts";
import { MethodCall, MethodCallInput } from "../method-call.ts";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { EndpointSettings, EndpointSettingsInput } from "../operations-settings.ts";
import { FoundMethod } from "./answers.ts";
import { CallPath, EndpointPath, MethodPath } from "./paths.ts";

export const ListMethods = operation({
  id: "listMethods",
  method: "GET",
  path: "/endpoints/{endpointId}/methods",
  area: "methods",
  role: "viewer",
  summary: "Lists the methods of the endpoint's connector, with the schemas of each.",
  pathParams: EndpointPath,
  query: PageQuery,
  answers: { 200: pageOf(Method) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const GetMethod = operation({
  id: "getMethod",
  method: "GET",
  path: "/endpoints/{endpointId}/methods/{method}",
  area: "methods",
  role: "viewer",
  summary: "Returns one method of the endpoint's connector, with its schemas.",
  pathParams: MethodPath,
  answers: { 200: Method },
  errors: ["NOT_FOUND"],
});

export const FindMethods = operation({
  id: "findMethods",
  method: "GET",
  path: "/methods",
  area: "methods",
  role: "viewer",
  summary:
    "Finds methods of the tenant's enabled endpoints by a task's words, best match first: at " +
    "most five of each endpoint.",
  query: PageQuery.extend({
    search: z
      .string()
      .max(400)
      .optional()
      .describe("The task in words. Left out: the first ones of each endpoint."),
  }),
  answers: { 200: pageOf(FoundMethod) },
  errors: ["CURSOR_INVALID"],
});

/** Of an `IntegrationResult` that tells of an error. */
const RESULT_STATUSES = [400, 403, 404, 409, 413, 422, 429, 500, 502, 504];

export const CallMethod = operation({
  id: "callMethod",
  method: "POST",
  path: "/endpoints/{endpointId}/methods/{method}",
  area: "methods",
  role: "operator",
  summary:
    "Calls a method of the endpoint's connector, and answers its result, good or bad; the status " +
    "says the same. 202 when asked for (`Prefer: respond-async`), or when it takes longer than " +
    "25 s and may go on elsewhere.",
  pathParams: MethodPath,
  body: MethodCallInput,
  idempotencyKey: true,
  respondAsync: true,
  answers: { 200: IntegrationResult, 202: MethodCall },
  resultStatuses: RESULT_STATUSES,
  errors: ["NOT_FOUND", "IDEMPOTENCY_IN_FLIGHT"],
});

export const GetCall = operation({
  id: "getCall",
  method: "GET",
  path: "/endpoints/{endpointId}/calls/{callId}",
  area: "methods",
  role: "operator",
  summary: "Returns a call that was answered with 202, with its result once it has ended.",
  pathParams: CallPath,
  answers: { 200: MethodCall },
  errors: ["NOT_FOUND"],
});

export const GetEndpointSettings = operation({
  id: "getEndpointSettings",
  method: "GET",
  path: "/endpoints/{endpointId}/settings",
  area: "methods",
  role: "viewer",
  summary:
    "Returns how the endpoint's methods are called: timeouts, retries, breaker, limits, cache, " +
    "logs, each with who says so.",
  pathParams: EndpointPath,
  query: z.strictObject({ method: MethodName.optional() }),
  answers: { 200: EndpointSettings },
  errors: ["NOT_FOUND"],
});

export const PutEndpointSettings = operation({
  id: "putEndpointSettings",
  method: "PUT",
  path: "/endpoints/{endpointId}/settings",
  area: "methods",
  role: "admin",
  summary:
    "Replaces what the endpoint says of how its methods are called. What is left out is the " +
    "connector's or the environment's to say.",
  pathParams: EndpointPath,
  body: EndpointSettingsInput,
  ifMatch: "required",
  answers: { 200: EndpointSettings },
  errors: ["NOT_FOUND", "CONFIG_INVALID"],
});
