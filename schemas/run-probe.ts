/** What the data plane is asked while a person waits. */
import * as z from "zod";
import { PROBE_KIND } from "./collection.ts";
import { IngestionError } from "./error.ts";
import { SinkRef, SourceRef } from "./references.ts";
import { Id, Instant, Json } from "./scalars.ts";

export const ProbeInput = z.strictObject({ tenantId: Id, probeId: Id }).meta({ id: "ProbeInput" });
export type ProbeInput = z.infer<typeof ProbeInput>;
export const RunProbeInput = z
  .strictObject({
    tenantId: Id,
    probeId: Id,
    kind: z.enum(PROBE_KIND),
    source: SourceRef.nullable(),
    sink: SinkRef.nullable(),
    dataset: z.string().nullable(),
    limit: z.int().min(1).max(100).nullable(),
    deadline: Instant.nullish().describe(
      "After this time nobody waits for the answer, and the source is not asked.",
    ),
  })
  .meta({ id: "RunProbeInput" });
export type RunProbeInput = z.infer<typeof RunProbeInput>;
/** A preview's rows are never in the payload: `key` names the object in the staging bucket. */
export const RunProbeResult = z
  .strictObject({ summary: Json, key: z.string().nullable(), error: IngestionError.nullable() })
  .meta({ id: "RunProbeResult" });
export type RunProbeResult = z.infer<typeof RunProbeResult>;
