import { saveAcceptedCredentials } from "../../adapters/dynamodb/endpoints/accept-credentials.ts";
import { finishProbe as saveAnswer } from "../../adapters/dynamodb/probes/progress.ts";
import { getAskedProbe } from "../../adapters/dynamodb/probes/store.ts";
import type { FinishProbeInput } from "../../schemas/activities.ts";
import type { Deps } from "./deps.ts";

/**
 * Writes the answer. A test that the endpoint's own credentials passed clears its `AUTH_ERROR`,
 * before anybody sees it.
 */
export async function finishProbe(
  { tables, now }: Pick<Deps, "tables" | "now">,
  { tenantId, probeId, result }: FinishProbeInput,
): Promise<void> {
  if (!result.error) {
    const { probe, offered, tried } = await getAskedProbe(tables, tenantId, probeId);
    const passed = probe.kind === "TEST_ENDPOINT" && !offered && tried !== undefined;
    if (passed) await saveAcceptedCredentials(tables, tenantId, probe.subject, tried);
  }
  await saveAnswer(tables, tenantId, probeId, result, now());
}
