/** Units that are late: one item each for as long as it lasts, in the sparse index of marks. */
import * as z from "zod";
import { DomainError } from "../../../schemas/errors.ts";
import { Id, Instant } from "../../../schemas/scalars.ts";
import type { Tables } from "../client.ts";
import { unlessDeleted } from "../deletion/endpoint-deletion.ts";
import { eventWrite } from "../journal/entries.ts";
import { keys, LATE_PK } from "../keys.ts";
import { listMarked } from "../pending/marks.ts";
import { absent, exists } from "../table/condition.ts";
import { transact } from "../table/transact.ts";
import { type ConditionalWrite, put, remove } from "../table/write.ts";

export const Lateness = z.object({
  tenantId: Id,
  endpointId: Id,
  unitId: z.string(),
  /** When it must have been read again. */
  dueAt: Instant,
  lastGoodAt: Instant.nullable(),
});
export type Lateness = z.infer<typeof Lateness>;

/** All that are recorded, of every tenant. */
export async function* listLate(tables: Tables, now: Date): AsyncGenerator<Lateness> {
  for await (const item of listMarked(tables, LATE_PK, now)) yield Lateness.parse(item);
}

/**
 * Records that the unit is late, with its event; answers false when it is recorded already, or its
 * endpoint is going.
 */
export function recordLate(tables: Tables, lateness: Lateness, now: Date): Promise<boolean> {
  const { tenantId, ...data } = lateness;
  const mark = { pendingPk: LATE_PK, pendingAt: now.toISOString(), pendingKind: "lateness" };
  const item = { ...keyOf(lateness), entity: "lateness", ...lateness, ...mark };

  return applied(tables, [
    unlessDeleted(tables, lateness),
    put(tables.control, item, absent()),
    eventWrite(tables, {
      tenantId,
      occurredAt: now.toISOString(),
      type: "integration.unit.late",
      data,
    }),
  ]);
}

/** Ends the lateness, with its event; answers false when somebody did. */
export function recordRecovered(
  tables: Tables,
  lateness: Lateness,
  lastGoodAt: string,
  now: Date,
): Promise<boolean> {
  const { tenantId, endpointId, unitId, dueAt } = lateness;
  const data = { endpointId, unitId, dueAt, lastGoodAt };
  const occurredAt = now.toISOString();
  return applied(tables, [
    removal(tables, lateness),
    eventWrite(tables, { tenantId, occurredAt, type: "integration.unit.recovered", data }),
  ]);
}

/** Ends the lateness of a unit that nobody expects to be read any more. */
export function forgetLate(tables: Tables, lateness: Lateness): Promise<boolean> {
  return applied(tables, [removal(tables, lateness)]);
}

const keyOf = ({ tenantId, endpointId, unitId }: Lateness) =>
  keys.lateness(tenantId, endpointId, unitId);

const removal = (tables: Tables, lateness: Lateness): ConditionalWrite =>
  remove(tables.control, keyOf(lateness), exists());

/** Two sweeps may overlap: what the other one did is no error. */
async function applied(tables: Tables, writes: readonly ConditionalWrite[]): Promise<boolean> {
  try {
    await transact(tables, writes);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
