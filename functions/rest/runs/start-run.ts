import type { StartRun } from "../../../schemas/operations/runs.ts";
import { startRun as queue } from "../../commands/start-run.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function startRun(
  { body, identity, idempotency, now }: Request<typeof StartRun>,
  deps: Pick<Deps, "tables" | "defaultQuotas">,
): Promise<Answer> {
  const { tenantId, subject: actor } = identity;
  const run = await queue(deps, { tenantId, ...body, actor, now, idempotency });
  return accepted(run, `/runs/${run.runId}`);
}
