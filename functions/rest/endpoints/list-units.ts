import type { ListUnits } from "../../../schemas/operations/units.ts";
import { readOverview } from "../../commands/read-status.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { slicePage } from "../../runtime/slice-page.ts";

export async function listUnits(
  request: Request<typeof ListUnits>,
  { tables, cursors }: Pick<Deps, "tables" | "cursors">,
): Promise<Answer> {
  const { units } = await readOverview(
    tables,
    request.identity.tenantId,
    request.path.endpointId,
    request.now,
  );
  return ok(slicePage(cursors, request, units));
}
