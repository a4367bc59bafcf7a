import type { DiscardQuarantine } from "../../../schemas/operations/units.ts";
import { redriveQuarantine as queue } from "../../commands/redrive-quarantine.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function discardQuarantine(
  { path, body, identity, idempotency, now }: Request<typeof DiscardQuarantine>,
  deps: Pick<Deps, "tables" | "defaultQuotas">,
): Promise<Answer> {
  const { tenantId, subject: actor } = identity;
  const redrive = { ...body, discard: true };
  const run = await queue(deps, { tenantId, ...path, redrive, actor, now, idempotency });
  return accepted(run, `/runs/${run.runId}`);
}
