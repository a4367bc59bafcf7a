import type { Probe } from "../../../schemas/collection.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { RunProbeResult } from "../../../schemas/run-probe.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { all, exists, matches } from "../table/condition.ts";
import { overtaken, transactUnlessOvertaken } from "../table/transact.ts";
import { type ConditionalWrite, set } from "../table/write.ts";
import { probingFreed } from "./quota.ts";
import { getProbe } from "./store.ts";

/**
 * Shows that the data plane is asked, with which version of the endpoint's credentials. A finished
 * probe stays.
 */
export async function markProbeRunning(
  tables: Tables,
  { tenantId, probeId }: Pick<Probe, "tenantId" | "probeId">,
  tried: string | null,
): Promise<void> {
  const asked = setProbe(tables, { tenantId, probeId }, { status: "RUNNING", tried });
  await transactUnlessOvertaken(tables, [asked]);
}

/**
 * Writes the answer that a person waits for, and counts the probe against the tenant's quota no
 * longer. `key` names the object with a preview's rows. A finished probe stays, and so does one
 * that was forgotten: a day has passed.
 */
export async function finishProbe(
  tables: Tables,
  tenantId: string,
  probeId: string,
  { summary, key, error }: RunProbeResult,
  now: Date,
): Promise<void> {
  // Of a refusal, which field of the sink it is about.
  const field = typeof summary.field === "string" ? { field: summary.field } : null;
  const result = error ? field : { ...summary, ...(key !== null && { key }) };
  const status = error ? "FAILED" : "COMPLETE";
  const answer = { status, result, error, finishedAt: now.toISOString() };

  const probe = await findProbe(tables, tenantId, probeId);
  if (!probe) return;
  const writes = [setProbe(tables, probe, answer), probingFreed(tables, probe)];
  await transactUnlessOvertaken(tables, writes);
}

async function findProbe(
  tables: Tables,
  tenantId: string,
  probeId: string,
): Promise<Probe | undefined> {
  try {
    return await getProbe(tables, tenantId, probeId);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

function setProbe(
  tables: Tables,
  { tenantId, probeId }: Pick<Probe, "tenantId" | "probeId">,
  values: Record<string, unknown>,
): ConditionalWrite {
  const unfinished = all(exists(), matches({ finishedAt: null }));
  return set(tables.control, keys.probe(tenantId, probeId), values, unfinished, overtaken);
}
