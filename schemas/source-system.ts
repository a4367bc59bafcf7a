import * as z from "zod";

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
