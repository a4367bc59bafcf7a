import { listTransforms as readTransforms } from "../../../adapters/dynamodb/transforms/store.ts";
import type { ListTransforms } from "../../../schemas/operations/transforms.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listTransforms(
  request: Request<typeof ListTransforms>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { tenantId } = request.identity;
  const page = await readTransforms(tables, tenantId, cursors.open(request));
  return ok(cursors.seal(request, page));
}
