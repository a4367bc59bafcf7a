import { listArtifacts } from "../../adapters/dynamodb/artifact-store.ts";
import { getRun } from "../../adapters/dynamodb/run-store.ts";
import type { ListRunArtifacts } from "../../schemas/operations/runs.ts";
import { type Answer, ok } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";

export async function listRunArtifacts(
  { path, identity }: Request<typeof ListRunArtifacts>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  await getRun(tables, identity.tenantId, path.runId);
  return ok({ items: await listArtifacts(tables, identity.tenantId, path.runId), nextCursor: null });
}
