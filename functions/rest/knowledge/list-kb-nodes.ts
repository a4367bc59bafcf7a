import { listNodes } from "../../../adapters/dynamodb/knowledge/store.ts";
import type { ListKbNodes } from "../../../schemas/operations/knowledge.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listKbNodes(
  request: Request<typeof ListKbNodes>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const page = await listNodes(
    tables,
    request.identity.tenantId,
    request.query,
    cursors.open(request),
  );
  return ok(cursors.seal(request, page));
}
