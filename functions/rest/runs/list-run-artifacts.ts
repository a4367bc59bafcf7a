import { listArtifactPage } from "../../../adapters/dynamodb/runs/artifacts.ts";
import { getRun } from "../../../adapters/dynamodb/runs/store.ts";
import type { ListRunArtifacts } from "../../../schemas/operations/runs.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listRunArtifacts(
  request: Request<typeof ListRunArtifacts>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { tenantId } = request.identity;
  const { runId } = request.path;
  await getRun(tables, tenantId, runId);

  const page = await listArtifactPage(tables, tenantId, runId, cursors.open(request));
  return ok(cursors.seal(request, page));
}
