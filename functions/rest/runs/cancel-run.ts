import { requestCancel } from "../../../adapters/dynamodb/runs/cancel.ts";
import type { CancelRun } from "../../../schemas/operations/runs.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function cancelRun(
  { path, identity, now }: Request<typeof CancelRun>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const run = await requestCancel(tables, identity.tenantId, path.runId, identity.subject, now);
  return accepted(run, `/runs/${run.runId}`);
}
