import { listRuns as readRuns } from "../../adapters/dynamodb/run-store.ts";
import type { ListRuns } from "../../schemas/operations/runs.ts";
import { type Answer, ok } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";

export async function listRuns(
  request: Request<typeof ListRuns>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { endpointId, unitId, status } = request.query;
  const filter = { endpointId, unitId, status, ...cursors.open(request) };
  return ok(cursors.seal(request, await readRuns(tables, request.identity.tenantId, filter)));
}
