import * as z from "zod";
import { Endpoint } from "../../../schemas/endpoint.ts";
import type { Item } from "../client.ts";
import { keys } from "../keys.ts";

// Older endpoints have no schedule of collections: they are collected on request, as before.
const shown = z.object({
  ...Endpoint.shape,
  collectEveryHours: Endpoint.shape.collectEveryHours.default(null),
});

export const toEndpoint = (item: Item): Endpoint => shown.parse(item);

export const endpointItem = (endpoint: Endpoint): Item => ({
  ...keys.endpoint(endpoint.tenantId, endpoint.endpointId),
  entity: "endpoint",
  ...endpoint,
});
