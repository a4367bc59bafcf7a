import { getProbe as readProbe } from "../../../adapters/dynamodb/probes/store.ts";
import type { GetProbe } from "../../../schemas/operations/endpoints.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getProbe(
  { path, identity }: Request<typeof GetProbe>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(await readProbe(tables, identity.tenantId, path.probeId));
}
