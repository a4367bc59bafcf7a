import { listQuarantine as readQuarantine } from "../../../adapters/s3/quarantine-reader.ts";
import type { ListQuarantine } from "../../../schemas/operations/units.ts";
import { readUnit } from "../../commands/endpoint-units.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listQuarantine(
  request: Request<typeof ListQuarantine>,
  { tables, cursors, staging }: Pick<Deps, "tables" | "cursors" | "staging">,
): Promise<Answer> {
  const { path, query, identity } = request;
  const address = { tenantId: identity.tenantId, ...path };
  await readUnit(tables, address);
  const page = await readQuarantine(
    staging,
    { ...address, runId: query.runId },
    cursors.open(request),
  );
  return ok(cursors.seal(request, page));
}
