import type { RefillUnit } from "../../../schemas/operations/units.ts";
import { refillUnit as queue } from "../../commands/refill-unit.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function refillUnit(
  { path, identity, idempotency, now }: Request<typeof RefillUnit>,
  deps: Pick<Deps, "tables" | "defaultQuotas">,
): Promise<Answer> {
  const { tenantId, subject: actor } = identity;
  const run = await queue(deps, { tenantId, ...path, actor, now, idempotency });
  return accepted(run, `/runs/${run.runId}`);
}
