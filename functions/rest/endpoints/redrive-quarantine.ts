import type { RedriveQuarantine } from "../../../schemas/operations/units.ts";
import { redriveQuarantine as queue } from "../../commands/redrive-quarantine.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function redriveQuarantine(
  { path, body, identity, idempotency, now }: Request<typeof RedriveQuarantine>,
  deps: Pick<Deps, "tables" | "defaultQuotas">,
): Promise<Answer> {
  const { tenantId, subject: actor } = identity;
  const run = await queue(deps, { tenantId, ...path, redrive: body, actor, now, idempotency });
  return accepted(run, `/runs/${run.runId}`);
}
