import type { RunProbeResult } from "../../../schemas/activities.ts";
import type { Probe } from "../../../schemas/collection.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";
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
  await unlessAnswered(() =>
    transact(tables, [setProbe(tables, { tenantId, probeId }, { status: "RUNNING", tried })]),
  );
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

  await unlessAnswered(async () => {
    const probe = await findProbe(tables, tenantId, probeId);
    if (probe)
      await transact(tables, [setProbe(tables, probe, answer), probingFreed(tables, probe)]);
  });
}

class Answered extends Error {}

async function unlessAnswered(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Answered)) throw error;
  }
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
  const names = Object.keys(values);
  const Update = {
    TableName: tables.control,
    Key: keys.probe(tenantId, probeId),
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
    ConditionExpression: "attribute_exists(pk) AND #finished = :unfinished",
    ExpressionAttributeNames: {
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      "#finished": "finishedAt",
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(names.map((name) => [`:${name}`, values[name]])),
      ":unfinished": null,
    },
  };
  return { write: { Update }, otherwise: () => new Answered() };
}
