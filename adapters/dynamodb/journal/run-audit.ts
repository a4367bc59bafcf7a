/**
 * What the audit says of one run, found without reading what it says of others: entries are named
 * by their instant.
 */
import { encodeTime } from "ulid";
import * as z from "zod";
import { AuditEntry } from "../../../schemas/event.ts";
import type { Run } from "../../../schemas/run.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { matches } from "../table/condition.ts";
import { listAll } from "../table/page.ts";
import { listAudit } from "./audit.ts";

const shown = z.object(AuditEntry.shape);
const TIME_LENGTH = 10;

/** Entries of the run: who queued it, and who asked it to stop. */
export async function listRunAudit(tables: Tables, run: Run, now: Date): Promise<AuditEntry[]> {
  const queued = await entriesAt(tables, run, run.queuedAt);
  return run.cancelRequested ? [...queued, ...(await cancelsOf(tables, run, now))] : queued;
}

/** The entry of a queued run is of the same instant as the run. */
async function entriesAt(
  tables: Tables,
  { tenantId, runId }: Run,
  at: string,
): Promise<AuditEntry[]> {
  const firstId = `aud_${encodeTime(Date.parse(at), TIME_LENGTH)}`;
  const { pk, sk: prefix } = keys.audit(tenantId, at.slice(0, 10), firstId);
  const where = matches({ subject: `run/${runId}` });
  const ofInstant = { table: tables.events, pk, prefix, where };
  return listAll(tables, ofInstant, (item) => shown.parse(item));
}

/** When somebody asked is not on the run: the days that it ran are looked through. */
async function cancelsOf(tables: Tables, run: Run, now: Date): Promise<AuditEntry[]> {
  const to = run.finishedAt === null ? now : new Date(run.finishedAt);
  const filter = {
    subject: `run/${run.runId}`,
    action: "run.cancel",
    from: new Date(run.queuedAt),
    to,
    limit: 1,
  };
  return (await listAudit(tables, run.tenantId, filter)).items;
}
