import { listTenants as readTenants } from "../../../adapters/dynamodb/tenants/store.ts";
import type { ListTenants } from "../../../schemas/operations/tenants.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function listTenants(
  request: Request<typeof ListTenants>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  return ok(cursors.seal(request, await readTenants(tables, cursors.open(request))));
}
