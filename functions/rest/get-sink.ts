import { getSink as readSink } from "../../adapters/dynamodb/sink-store.ts";
import type { GetSink } from "../../schemas/operations/sinks.ts";
import { type Answer, versioned } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";

export async function getSink(
  { path, identity }: Request<typeof GetSink>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  return versioned(await readSink(tables, identity.tenantId, path.sinkId));
}
