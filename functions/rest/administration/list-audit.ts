import { listAudit as readAudit } from "../../../adapters/dynamodb/journal/audit.ts";
import { readNames } from "../../../adapters/dynamodb/tenants/people.ts";
import type { AuditLine } from "../../../schemas/operations/answers.ts";
import type { ListAudit } from "../../../schemas/operations/audit.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

const SHOWN_MS = 30 * 86_400_000;

export async function listAudit(
  request: Request<typeof ListAudit>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { subject, action, from, to } = request.query;
  // Entries of the future do not exist; a `to` in the year 9999 would be walked day by day.
  const until = new Date(
    Math.min(to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to), request.now.getTime()),
  );
  const since = from === undefined ? new Date(until.getTime() - SHOWN_MS) : new Date(from);
  // Nothing lies between bounds that are the wrong way round, and the table fails on them.
  if (since > until) return ok({ items: [], nextCursor: null });
  const filter = { subject, action, from: since, to: until, ...cursors.open(request) };
  const { tenantId } = request.identity;
  const { items, next } = await readAudit(tables, tenantId, filter);
  const names = await readNames(
    tables,
    tenantId,
    items.map(({ actor }) => actor),
  );

  const lines = items.map(
    (entry): AuditLine => ({ ...entry, actorName: names.get(entry.actor) ?? null }),
  );
  return ok(cursors.seal(request, { items: lines, next }));
}
