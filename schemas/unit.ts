import * as z from "zod";
import { Id, Json, Mode } from "./scalars.ts";

/** An ingestable slice of an endpoint, derived from the catalogue. */
export const Unit = z
  .strictObject({
    unitId: z.string(),
    endpointId: Id,
    datasetId: Id,
    name: z.string(),
    defaultMode: Mode,
    supportedModes: z.array(Mode),
    defaultPolicy: Json,
    policySchema: Json.describe("JSON Schema of `policy`."),
    entityType: z
      .string()
      .nullish()
      .describe("What the records are in the knowledge base; none: `kb` is no sink for it."),
  })
  .meta({ id: "Unit" });
export type Unit = z.infer<typeof Unit>;
