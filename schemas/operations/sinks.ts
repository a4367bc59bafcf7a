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
  summary: "The tenant's sinks.",
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
    "Registers a sink. One of your own is tried first: what the data plane cannot write to is refused, and nothing is stored. With `isDefault` it takes over from the tenant's default sink, which every tenant has from birth.",
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
  summary: "One sink.",
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
  summary:
    "Changes name, config or being the default. Another config is tried before it is stored.",
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
    "Removes a sink where nothing lands: no unit config names it, no run is at work. What landed there stays.",
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
  summary:
    "Replaces the sink's credentials, once they have been tried; they can never be read back.",
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
  summary: "Asks the data plane to reach the sink; 202 when that takes longer than the wait.",
  pathParams: SinkPath,
  answers: { 200: Probe, 202: Probe },
  errors: ["NOT_FOUND"],
});
