import { findEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { listRuns as readRuns } from "../../../adapters/dynamodb/runs/store.ts";
import type { ListRuns } from "../../../schemas/operations/runs.ts";
import { statusesIn } from "../../../schemas/run.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listRuns(
  request: Request<typeof ListRuns>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { endpointId, unitId, status, since } = request.query;
  const { tenantId } = request.identity;
  // An endpoint that is being deleted has no runs to show, as an unknown one has none.
  const isGone = endpointId !== undefined && !(await findEndpoint(tables, tenantId, endpointId));
  const filter = {
    endpointId,
    unitId,
    statuses: status === undefined ? undefined : statusesIn(status),
    since: since === undefined ? undefined : new Date(since),
    ...cursors.open(request),
  };

  const page = isGone ? { items: [], next: null } : await readRuns(tables, tenantId, filter);
  return ok(cursors.seal(request, page));
}
