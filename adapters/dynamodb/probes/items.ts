import * as z from "zod";
import { Probe } from "../../../schemas/collection.ts";
import type { Item } from "../client.ts";
import { keys, probesByOwner } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";

const shown = z.object(Probe.shape);
const KEPT_SECONDS = 86_400;

export const toProbe = (item: Item): Probe => shown.parse(item);

export const probeItem = (probe: Probe, now: Date): Item => ({
  ...keys.probe(probe.tenantId, probe.probeId),
  entity: "probe",
  gsi1pk: probesByOwner(probe.tenantId, probeOwner(probe)),
  gsi1sk: probe.probeId,
  ttl: Math.floor(now.getTime() / 1000) + KEPT_SECONDS,
  ...probe,
  ...pendingMark("probe", now),
});

/** A dataset's id begins with its endpoint's. */
const probeOwner = ({ kind, subject }: Probe) =>
  kind === "PREVIEW" ? subject.slice(0, subject.indexOf(":")) : subject;
