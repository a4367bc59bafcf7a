import { getSink } from "../../../adapters/dynamodb/sinks/store.ts";
import type { TestSink } from "../../../schemas/operations/sinks.ts";
import { askProbe, type ProbeDeps } from "../../commands/ask-probe.ts";
import type { Answer } from "../../runtime/answer.ts";
import { probeAnswer } from "../../runtime/probe-answer.ts";
import type { Request } from "../../runtime/request.ts";

export async function testSink(
  { path, identity, now }: Request<typeof TestSink>,
  deps: ProbeDeps,
): Promise<Answer> {
  const { tenantId } = identity;
  await getSink(deps.tables, tenantId, path.sinkId);
  const question = { tenantId, kind: "TEST_SINK", subject: path.sinkId, limit: null } as const;
  return probeAnswer(await askProbe(deps, question, now));
}
