import { listSinks as readSinks } from "../../adapters/dynamodb/sink-store.ts";
import type { ListSinks } from "../../schemas/operations/sinks.ts";
import { type Answer, ok } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";

export async function listSinks(
  request: Request<typeof ListSinks>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  return ok(cursors.seal(request, await readSinks(tables, request.identity.tenantId, cursors.open(request))));
}
