import {
  getTransform,
  deleteTransform as removeTransform,
} from "../../../adapters/dynamodb/transforms/store.ts";
import type { DeleteTransform } from "../../../schemas/operations/transforms.ts";
import { type Answer, noContent } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

export async function deleteTransform(
  { path, identity, ifMatch, now }: Request<typeof DeleteTransform>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getTransform(tables, tenantId, path.transformName);
  requireMatch(ifMatch, seen);

  await removeTransform(tables, seen, subject, now);
  return noContent();
}
