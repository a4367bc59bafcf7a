import type { ResumeUnit } from "../../../schemas/operations/units.ts";
import { pauseUnit as setPaused } from "../../commands/pause-unit.ts";
import { readStatus } from "../../commands/read-status.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function resumeUnit(
  { path, identity, now }: Request<typeof ResumeUnit>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const address = { tenantId: identity.tenantId, ...path };
  await setPaused({ tables }, { ...address, paused: false, actor: identity.subject, now });
  return ok(await readStatus(tables, address, now));
}
