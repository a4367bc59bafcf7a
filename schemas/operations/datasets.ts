import * as z from "zod";
import { Probe } from "../collection.ts";
import { Dataset, DatasetField } from "../dataset.ts";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { Json } from "../scalars.ts";
import { DatasetPreview } from "./answers.ts";
import { DatasetPath, EndpointPath } from "./paths.ts";

export const ListDatasets = operation({
  id: "listDatasets",
  method: "GET",
  path: "/endpoints/{endpointId}/datasets",
  area: "endpoints",
  role: "viewer",
  summary: "Lists the endpoint's datasets. The list is empty until the first collection.",
  pathParams: EndpointPath,
  query: PageQuery,
  answers: { 200: pageOf(Dataset) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const GetDataset = operation({
  id: "getDataset",
  method: "GET",
  path: "/datasets/{datasetId}",
  area: "endpoints",
  role: "viewer",
  summary: "Returns a dataset with its fields.",
  pathParams: DatasetPath,
  answers: { 200: Dataset },
  errors: ["NOT_FOUND"],
});

export const ListDatasetFields = operation({
  id: "listDatasetFields",
  method: "GET",
  path: "/datasets/{datasetId}/fields",
  area: "endpoints",
  role: "viewer",
  summary: "Lists all fields of a dataset.",
  pathParams: DatasetPath,
  query: PageQuery,
  answers: { 200: pageOf(DatasetField) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const ListDatasetEntries = operation({
  id: "listDatasetEntries",
  method: "GET",
  path: "/datasets/{datasetId}/entries",
  area: "endpoints",
  role: "viewer",
  summary: "Lists all values of a dictionary dataset.",
  pathParams: DatasetPath,
  query: PageQuery,
  answers: { 200: pageOf(Json) },
  errors: ["NOT_FOUND", "CURSOR_INVALID"],
});

export const PreviewDataset = operation({
  id: "previewDataset",
  method: "GET",
  path: "/datasets/{datasetId}/preview",
  area: "endpoints",
  role: "operator",
  summary:
    "Reads a few live rows from the source. Answers 202 with a probe when that takes longer " +
    "than 20 s.",
  pathParams: DatasetPath,
  query: z.strictObject({ limit: z.coerce.number<number>().int().min(1).max(100).default(20) }),
  answers: { 200: DatasetPreview, 202: Probe },
  errors: ["NOT_FOUND", "ENDPOINT_DISABLED", "SOURCE_UNAVAILABLE", "AUTH_ERROR"],
});
