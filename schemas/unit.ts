import * as z from "zod";
import { CommonData } from "./connector.ts";
import { Id, Json, Mode } from "./scalars.ts";

/** An ingestable slice of an endpoint, as its last collection found it. */
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
      .describe(
        "Entity type of the records in the knowledge base. Without it, `kb` cannot be the " +
          "unit's sink.",
      ),
    commonData: CommonData.nullish().describe(
      "What its rows are in the Common Data Model. Without it, no sink of type `cdm` can be the " +
        "unit's sink.",
    ),
  })
  .meta({ id: "Unit" });
export type Unit = z.infer<typeof Unit>;
