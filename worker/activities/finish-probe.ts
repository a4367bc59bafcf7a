import {
  saveAcceptedCredentials,
  saveRefused,
} from "../../adapters/dynamodb/endpoints/connection.ts";
import { finishProbe as saveAnswer } from "../../adapters/dynamodb/probes/progress.ts";
import { getAskedProbe } from "../../adapters/dynamodb/probes/store.ts";
import type { FinishProbeInput } from "../../schemas/activities.ts";
import type { Deps } from "./deps.ts";

type Needs = Pick<Deps, "tables" | "now">;

/**
 * Writes the answer. Before anybody sees it, the endpoint's connection shows what a test of its own
 * credentials said of them.
 */
export async function finishProbe(deps: Needs, input: FinishProbeInput): Promise<void> {
  const { tenantId, probeId, result } = input;
  const { error } = result;

  if (!error || error.code === "AUTH_ERROR") await showConnection(deps, input);
  await saveAnswer(deps.tables, tenantId, probeId, result, deps.now());
}

async function showConnection(
  { tables, now }: Needs,
  { tenantId, probeId, result: { error } }: FinishProbeInput,
): Promise<void> {
  const { probe, offered, tried } = await getAskedProbe(tables, tenantId, probeId);
  if (probe.kind !== "TEST_ENDPOINT" || offered || tried === undefined) return;

  const address = { tenantId, endpointId: probe.subject };
  const version = { version: tried };
  if (error) await saveRefused(tables, address, version, error);
  else await saveAcceptedCredentials(tables, address, version, now());
}
