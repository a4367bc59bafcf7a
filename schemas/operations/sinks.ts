import { Probe } from "../collection.ts";
import { Credentials } from "../endpoint.ts";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { ShownSink, SinkInput, SinkPatch } from "../sink.ts";
import { SinkPath } from "./paths.ts";

export const ListSinks = operation({
  id: "listSinks",
  method: "GET",
  path: "/sinks",
  area: "sinks",
  role: "viewer",
  summary: "Lists the tenant's sinks.",
  query: PageQuery,
  answers: { 200: pageOf(ShownSink) },
  errors: ["CURSOR_INVALID"],
});

export const CreateSink = operation({
  id: "createSink",
  method: "POST",
  path: "/sinks",
  area: "sinks",
  role: "admin",
  summary:
    "Registers a sink. A sink of your own is tested first: if the data plane cannot write to " +
    "it, it is refused and nothing is stored. With `isDefault` it replaces the tenant's " +
    "default sink. Every tenant is created with one.",
  body: SinkInput,
  answers: { 201: ShownSink },
  errors: ["CONFIG_INVALID", "CONFLICT", "QUOTA_EXCEEDED"],
});

export const GetSink = operation({
  id: "getSink",
  method: "GET",
  path: "/sinks/{sinkId}",
  area: "sinks",
  role: "viewer",
  summary: "Returns a sink.",
  pathParams: SinkPath,
  answers: { 200: ShownSink },
  errors: ["NOT_FOUND"],
});

export const PatchSink = operation({
  id: "patchSink",
  method: "PATCH",
  path: "/sinks/{sinkId}",
  area: "sinks",
  role: "admin",
  summary: "Changes name, config or `isDefault`. A changed config is tested before it is stored.",
  pathParams: SinkPath,
  body: SinkPatch,
  ifMatch: "required",
  answers: { 200: ShownSink },
  errors: ["NOT_FOUND", "CONFIG_INVALID", "CONFLICT"],
});

export const DeleteSink = operation({
  id: "deleteSink",
  method: "DELETE",
  path: "/sinks/{sinkId}",
  area: "sinks",
  role: "admin",
  summary:
    "Deletes a sink that is not in use: no unit config names it and no run is active. Landed " +
    "data is kept.",
  pathParams: SinkPath,
  ifMatch: "required",
  answers: { 204: null },
  errors: ["NOT_FOUND", "CONFLICT"],
});

export const PutSinkCredentials = operation({
  id: "putSinkCredentials",
  method: "PUT",
  path: "/sinks/{sinkId}/credentials",
  area: "sinks",
  role: "admin",
  summary: "Replaces the sink's credentials after a successful test. They can never be read back.",
  pathParams: SinkPath,
  body: Credentials,
  ifMatch: "optional",
  answers: { 200: ShownSink },
  errors: ["NOT_FOUND", "CONFIG_INVALID"],
});

export const TestSink = operation({
  id: "testSink",
  method: "POST",
  path: "/sinks/{sinkId}/test",
  area: "sinks",
  role: "operator",
  summary:
    "Tests the connection to the sink. Answers 202 with a probe when that takes longer than 20 s.",
  pathParams: SinkPath,
  answers: { 200: Probe, 202: Probe },
  errors: ["NOT_FOUND"],
});
