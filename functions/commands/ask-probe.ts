import { ulid } from "ulid";
import { awaitProbe, type OfferedCredentials, queueProbe } from "../../adapters/dynamodb/probe-store.ts";
import type { Probe } from "../../schemas/collection.ts";
import type { Deps } from "../runtime/deps.ts";

/** Asks the data plane and waits a while: the probe is answered as far as it got. */
export async function askProbe(
  { tables, probePatienceMs }: Pick<Deps, "tables" | "probePatienceMs">,
  question: Pick<Probe, "tenantId" | "kind" | "subject" | "limit">,
  now: Date,
  offered?: OfferedCredentials,
): Promise<Probe> {
  const probe: Probe = {
    probeId: `prb_${ulid(now.getTime())}`,
    ...question,
    status: "QUEUED",
    result: null,
    error: null,
    queuedAt: now.toISOString(),
    finishedAt: null,
  };
  await queueProbe(tables, probe, offered);
  return awaitProbe(tables, probe, probePatienceMs);
}
