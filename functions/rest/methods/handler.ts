import * as operations from "../../../schemas/operations/methods.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { callMethod } from "./call-method.ts";
import { findMethods } from "./find-methods.ts";
import { getCall } from "./get-call.ts";
import { getMethod } from "./get-method.ts";
import { listMethods } from "./list-methods.ts";
import { methodsDeps } from "./open-deps.ts";

export const handler = restHandler(
  [
    route(operations.FindMethods, findMethods),
    route(operations.ListMethods, listMethods),
    route(operations.GetMethod, getMethod),
    route(operations.CallMethod, callMethod),
    route(operations.GetCall, getCall),
  ],
  methodsDeps,
  admitRequest,
);
