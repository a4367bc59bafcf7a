import * as operations from "../../../schemas/operations/methods.ts";
import * as transforms from "../../../schemas/operations/transforms.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { callMethod } from "./call-method.ts";
import { deleteTransform } from "./delete-transform.ts";
import { getEndpointSettings, putEndpointSettings } from "./endpoint-settings.ts";
import { findMethods } from "./find-methods.ts";
import { getCall } from "./get-call.ts";
import { getMethod } from "./get-method.ts";
import { getTransform } from "./get-transform.ts";
import { listMethods } from "./list-methods.ts";
import { listTransforms } from "./list-transforms.ts";
import { methodsDeps } from "./open-deps.ts";
import { putTransform } from "./put-transform.ts";
import { testTransform } from "./test-transform.ts";

export const handler = restHandler(
  [
    route(operations.FindMethods, findMethods),
    route(operations.ListMethods, listMethods),
    route(operations.GetMethod, getMethod),
    route(operations.CallMethod, callMethod),
    route(operations.GetCall, getCall),
    route(transforms.ListTransforms, listTransforms),
    route(transforms.GetTransform, getTransform),
    route(transforms.PutTransform, putTransform),
    route(transforms.DeleteTransform, deleteTransform),
    route(transforms.TestTransform, testTransform),
    route(operations.GetEndpointSettings, getEndpointSettings),
    route(operations.PutEndpointSettings, putEndpointSettings),
  ],
  methodsDeps,
  admitRequest,
);
