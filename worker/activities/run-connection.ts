import { saveConnected, saveRefused } from "../../adapters/dynamodb/endpoints/connection.ts";
import { findStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import type { IngestionError } from "../../schemas/error.ts";
import type { RunPlan } from "../../schemas/run-plan.ts";
import type { Deps } from "./deps.ts";

type Needs = Pick<Deps, "tables" | "now">;

/** A run that read its source well shows that the source takes the endpoint's credentials. */
export async function showConnected({ tables, now }: Needs, plan: RunPlan): Promise<void> {
  const { tenantId, source, replay, redrive, refill } = plan;
  // These land again what was read before.
  if (replay || redrive || refill) return;

  const version = source.credential?.versionId ?? null;
  await saveConnected(tables, { tenantId, endpointId: source.endpointId }, { version }, now());
}

/** A run that its source refused shows that; one that began with other credentials does not. */
export async function showRefused(
  { tables }: Needs,
  { tenantId, runId }: { readonly tenantId: string; readonly runId: string },
  error: IngestionError | null,
): Promise<void> {
  if (error?.code !== "AUTH_ERROR") return;
  const run = await findStoredRun(tables, tenantId, runId);
  if (!run) return;

  const { endpointId, startedAt, queuedAt } = run;
  await saveRefused(tables, { tenantId, endpointId }, { since: startedAt ?? queuedAt }, error);
}
