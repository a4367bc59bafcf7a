import type { Probe } from "../../schemas/collection.ts";
import { type Answer, accepted, ok } from "./answer.ts";

/** 200 with what the data plane said, good or bad; 202 with where to ask while it has not. */
export function probeAnswer(probe: Probe): Answer {
  return probe.finishedAt === null ? accepted(probe, `/probes/${probe.probeId}`) : ok(probe);
}
