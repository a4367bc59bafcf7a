import { getRun as readRun } from "../../../adapters/dynamodb/runs/store.ts";
import type { GetRun } from "../../../schemas/operations/runs.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getRun(
  { path, identity }: Request<typeof GetRun>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(await readRun(tables, identity.tenantId, path.runId));
}
