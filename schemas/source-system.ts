import * as z from "zod";
import { Id, Instant } from "./scalars.ts";

/** The external site an endpoint talks to; several endpoints may share one. */
export const SourceSystem = z
  .strictObject({
    vendor: z.string(),
    baseUrl: z.url(),
    siteId: z.string().nullable(),
    title: z.string().nullable(),
  })
  .meta({ id: "SourceSystem" });
export type SourceSystem = z.infer<typeof SourceSystem>;

/** A site with the endpoints that talk to it. */
export const SourceSystemOverview = z
  .strictObject({
    sourceSystemId: Id.describe("The same id for every endpoint of the site."),
    ...SourceSystem.shape,
    endpoints: z.array(z.strictObject({ endpointId: Id, name: z.string(), slug: z.string() })),
    firstSeenAt: Instant.describe("When a collection first found the site."),
    lastSeenAt: Instant,
  })
  .meta({ id: "SourceSystemOverview" });
export type SourceSystemOverview = z.infer<typeof SourceSystemOverview>;
