import { listRunAudit } from "../../../adapters/dynamodb/journal/run-audit.ts";
import { listArtifacts } from "../../../adapters/dynamodb/runs/artifacts.ts";
import { listRunLog } from "../../../adapters/dynamodb/runs/log.ts";
import { getRun } from "../../../adapters/dynamodb/runs/store.ts";
import { runLog } from "../../../core/run-log.ts";
import type { GetRunLog } from "../../../schemas/operations/runs.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function getRunLog(
  request: Request<typeof GetRunLog>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { path, identity, now } = request;
  const run = await getRun(tables, identity.tenantId, path.runId);
  const [artifacts, audit, lines] = await Promise.all([
    listArtifacts(tables, identity.tenantId, path.runId),
    listRunAudit(tables, run, now),
    listRunLog(tables, run),
  ]);
  return ok(slicePage(cursors, request, runLog({ run, artifacts, audit, lines })));
}
