import type { ReplayRun } from "../../../schemas/operations/runs.ts";
import { replayRun as queue } from "../../commands/replay-run.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function replayRun(
  { path, identity, idempotency, now }: Request<typeof ReplayRun>,
  deps: Pick<Deps, "tables" | "defaultQuotas">,
): Promise<Answer> {
  const { tenantId, subject: actor } = identity;
  const run = await queue(deps, { tenantId, runId: path.runId, actor, now, idempotency });
  return accepted(run, `/runs/${run.runId}`);
}
