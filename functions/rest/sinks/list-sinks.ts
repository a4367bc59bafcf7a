import { requireDefaultSink } from "../../../adapters/dynamodb/sinks/default-sink.ts";
import { listSinks as readSinks } from "../../../adapters/dynamodb/sinks/store.ts";
import type { ListSinks } from "../../../schemas/operations/sinks.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { withTrust } from "./shown-sink.ts";

export async function listSinks(
  request: Request<typeof ListSinks>,
  deps: Pick<Deps, "tables" | "cursors" | "platform">,
): Promise<Answer> {
  const { tables, cursors } = deps;
  const { tenantId } = request.identity;
  const page = cursors.open(request);
  // Whoever looks for the default of a tenant that is older than this rule finds it.
  if (page.after === undefined) await requireDefaultSink(tables, tenantId, request.now);
  const { items, next } = await readSinks(tables, tenantId, page);
  return ok(cursors.seal(request, { items: items.map((sink) => withTrust(deps, sink)), next }));
}
