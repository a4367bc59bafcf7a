import { listArtifacts } from "../../../adapters/dynamodb/runs/artifacts.ts";
import { getRun } from "../../../adapters/dynamodb/runs/store.ts";
import type { ListRunArtifacts } from "../../../schemas/operations/runs.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function listRunArtifacts(
  request: Request<typeof ListRunArtifacts>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { tenantId } = request.identity;
  await getRun(tables, tenantId, request.path.runId);
  return ok(slicePage(cursors, request, await listArtifacts(tables, tenantId, request.path.runId)));
}
