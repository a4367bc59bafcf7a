import { getSink as readSink } from "../../../adapters/dynamodb/sinks/store.ts";
import type { GetSink } from "../../../schemas/operations/sinks.ts";
import type { Answer } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { shownSink } from "./shown-sink.ts";

export async function getSink(
  { path, identity }: Request<typeof GetSink>,
  deps: Pick<Deps, "tables" | "platform">,
): Promise<Answer> {
  return shownSink(deps, await readSink(deps.tables, identity.tenantId, path.sinkId));
}
