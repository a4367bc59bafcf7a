import { getAskedSink } from "../../../adapters/dynamodb/sinks/role.ts";
import type { PutSinkCredentials } from "../../../schemas/operations/sinks.ts";
import type { ProbeDeps } from "../../commands/ask-probe.ts";
import { keepSinkCredentials } from "../../commands/keep-sink-credentials.ts";
import type { Answer } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { checkMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";
import { shownSink } from "./shown-sink.ts";

export async function putSinkCredentials(
  { path, body, identity, ifMatch, now }: Request<typeof PutSinkCredentials>,
  deps: ProbeDeps & Pick<Deps, "credentials" | "platform">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const { sink: seen, roleArn } = await getAskedSink(deps.tables, tenantId, path.sinkId);
  checkMatch(ifMatch, seen);

  const next = { ...seen, version: seen.version + 1, updatedAt: now.toISOString() };
  const by = { subject, now, action: "sink.credentials" };
  return shownSink(deps, await keepSinkCredentials(deps, { seen, next, roleArn }, body, by));
}
