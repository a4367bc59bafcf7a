import { getArtifact as readArtifact } from "../../../adapters/dynamodb/runs/artifacts.ts";
import type { GetArtifact } from "../../../schemas/operations/runs.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getArtifact(
  { path, identity }: Request<typeof GetArtifact>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return ok(await readArtifact(tables, identity.tenantId, path.artifactId));
}
