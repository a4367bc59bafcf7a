import { ulid } from "ulid";
import { awaitProbe, type Offered, queueProbe } from "../../adapters/dynamodb/probes/store.ts";
import type { Probe } from "../../schemas/collection.ts";
import type { Deps } from "../runtime/deps.ts";
import { readLimits } from "../runtime/tenant-limits.ts";

/** What asking needs. */
export type ProbeDeps = Pick<Deps, "tables" | "defaultQuotas" | "probePatienceMs">;

/**
 * Asks the data plane and waits a while: the probe is answered as far as it got. Throws
 * `RATE_LIMITED` when the tenant has as many of them at work as its quota allows.
 */
export async function askProbe(
  deps: ProbeDeps,
  question: Pick<Probe, "tenantId" | "kind" | "subject" | "limit">,
  now: Date,
  offered?: Offered,
): Promise<Probe> {
  const { tables, probePatienceMs } = deps;
  const { quotas } = await readLimits(deps, question.tenantId);
  const probe: Probe = {
    probeId: `prb_${ulid(now.getTime())}`,
    ...question,
    status: "QUEUED",
    result: null,
    error: null,
    queuedAt: now.toISOString(),
    finishedAt: null,
  };

  await queueProbe(tables, probe, { offered, limit: quotas.runningProbes });
  return awaitProbe(tables, probe, probePatienceMs);
}
