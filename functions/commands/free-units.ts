import { requestLanding } from "../../adapters/dynamodb/runs/close-window.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Deps } from "../runtime/deps.ts";
import { inTens } from "../runtime/in-tens.ts";

interface Asker {
  readonly tenantId: string;
  readonly actor: string;
  readonly now: Date;
}

/**
 * Does what needs units to be free. A run that has one and only waits to land is asked to do so
 * now, and the refusal says that it is about to end: else it would be in the way for as long as its
 * window is open. Throws what the work throws.
 */
export async function onFreeUnits<T>(
  { tables }: Pick<Deps, "tables">,
  { tenantId, actor, now }: Asker,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const landing: string[] = [];
    await inTens(activeRuns(error), async (runId) => {
      if (await requestLanding(tables, { tenantId, runId, actor, now })) landing.push(runId);
    });

    const [runId] = landing;
    if (!runId || !(error instanceof DomainError)) throw error;
    throw new DomainError(
      "RUN_ACTIVE",
      `Run ${runId} lands what it has staged now, and ends. Try again after it.`,
      error.details,
      { cause: error },
    );
  }
}

function activeRuns(error: unknown): string[] {
  if (!(error instanceof DomainError) || error.code !== "RUN_ACTIVE") return [];
  const { runId, runIds = [runId] } = error.details as { runId?: unknown; runIds?: unknown[] };
  return runIds.filter((id) => typeof id === "string");
}
