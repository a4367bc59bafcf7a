import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import type { TestEndpoint } from "../../../schemas/operations/endpoints.ts";
import { askProbe, type ProbeDeps } from "../../commands/ask-probe.ts";
import type { Answer } from "../../runtime/answer.ts";
import { probeAnswer } from "../../runtime/probe-answer.ts";
import type { Request } from "../../runtime/request.ts";

export async function testEndpoint(
  { path, identity, now }: Request<typeof TestEndpoint>,
  deps: ProbeDeps,
): Promise<Answer> {
  const { tenantId } = identity;
  await getEndpoint(deps.tables, tenantId, path.endpointId);
  const question = {
    tenantId,
    kind: "TEST_ENDPOINT",
    subject: path.endpointId,
    limit: null,
  } as const;
  return probeAnswer(await askProbe(deps, question, now));
}
