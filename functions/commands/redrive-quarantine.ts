import { oncePerKey } from "../../adapters/dynamodb/requests/idempotency.ts";
import { toRun } from "../../adapters/dynamodb/runs/items.ts";
import { KB_SINK } from "../../core/unit-config-rules.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { QuarantinePlan } from "../../schemas/quarantine.ts";
import type { Run } from "../../schemas/run.ts";
import type { Deps } from "../runtime/deps.ts";
import { readStartable, type StartRunCommand } from "./start-run.ts";

export interface RedriveCommand extends StartRunCommand {
  readonly redrive: QuarantinePlan;
}

/**
 * Queues a run that tries the unit's quarantined records again, or discards them. Throws `CONFLICT`
 * for a unit without a sink, and what starting a run throws.
 */
export async function redriveQuarantine(
  deps: Pick<Deps, "tables" | "defaultQuotas">,
  { redrive, ...command }: RedriveCommand,
): Promise<Run> {
  return oncePerKey(deps.tables, command, toRun, async () => {
    const { settings, queue } = await readStartable(deps, command);

    if (settings.sinkId === KB_SINK) {
      const remedy = "Start a run, or configure a sink.";
      throw new DomainError(
        "CONFLICT",
        `The unit feeds the knowledge base, which is no sink. ${remedy}`,
      );
    }

    // Added to what has landed, whatever the unit's mode: what is not in quarantine stays as it is.
    return queue({ mode: "INCREMENTAL", redrive });
  });
}
