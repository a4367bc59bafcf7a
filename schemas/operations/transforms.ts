import * as z from "zod";
import { operation, PageQuery, pageOf } from "../operation.ts";
import {
  Transform,
  TransformInput,
  TransformName,
  TransformTest,
  TransformTestResult,
} from "../transform.ts";

const TransformPath = z.strictObject({ transformName: TransformName });

export const ListTransforms = operation({
  id: "listTransforms",
  method: "GET",
  path: "/transforms",
  area: "methods",
  role: "viewer",
  summary: "Lists the tenant's transforms, by name.",
  query: PageQuery,
  answers: { 200: pageOf(Transform) },
  errors: ["CURSOR_INVALID"],
});

export const GetTransform = operation({
  id: "getTransform",
  method: "GET",
  path: "/transforms/{transformName}",
  area: "methods",
  role: "viewer",
  summary: "Returns a transform: its newest version, or the one that is asked for.",
  pathParams: TransformPath,
  query: z.strictObject({
    version: z.coerce.number<number>().int().min(1).max(1_000_000_000).optional(),
  }),
  answers: { 200: Transform },
  errors: ["NOT_FOUND"],
});

export const PutTransform = operation({
  id: "putTransform",
  method: "PUT",
  path: "/transforms/{transformName}",
  area: "methods",
  role: "operator",
  summary:
    "Stores a transform as its next version. It is checked first, and its sample must come out " +
    "as it says; otherwise nothing is stored.",
  pathParams: TransformPath,
  body: TransformInput,
  ifMatch: "required",
  answers: { 200: Transform, 201: Transform },
  errors: ["CONFIG_INVALID", "QUOTA_EXCEEDED", "STALE_VERSION", "TRANSFORM_FAILED", "WORKER_BUSY"],
});

export const DeleteTransform = operation({
  id: "deleteTransform",
  method: "DELETE",
  path: "/transforms/{transformName}",
  area: "methods",
  role: "operator",
  summary: "Deletes a transform with all of its versions. Methods that name it fail.",
  pathParams: TransformPath,
  ifMatch: "required",
  answers: { 204: null },
  errors: ["NOT_FOUND", "STALE_VERSION"],
});

export const TestTransform = operation({
  id: "testTransform",
  method: "POST",
  path: "/transforms/test",
  area: "methods",
  role: "operator",
  summary:
    "Transforms an input with an expression, a mapping, or a stored transform, and stores " +
    "nothing. The answer says how long it took, and which cap ended it.",
  body: TransformTest,
  answers: { 200: TransformTestResult },
  errors: ["NOT_FOUND", "WORKER_BUSY"],
});
