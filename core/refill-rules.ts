/** May a unit's landed rows be made again in their place? */
import { DomainError } from "../schemas/errors.ts";
import { policyOf } from "../schemas/policy.ts";
import type { RunPlan } from "../schemas/run-plan.ts";
import { KB_SINK } from "./unit-config-rules.ts";

export interface RefillFacts {
  readonly sinkId: string;
  readonly comparesVersions: boolean;
  readonly policy: RunPlan["policy"];
}

/** Throws `CONFLICT` for a unit whose rows have no place of their own, naming the remedy. */
export function refuseRefill({ sinkId, comparesVersions, policy }: RefillFacts): void {
  if (sinkId === KB_SINK) {
    throw conflict("The unit feeds the knowledge base, which keeps no rows. Start a run instead.");
  }
  if (!comparesVersions) {
    throw conflict(
      "The sink never changes what it has written, so it cannot be refilled. Run the unit in full.",
    );
  }
  if (policyOf(policy).primaryKeys.length === 0) {
    const remedy = "Set policy.primaryKeys, or run the unit in full.";
    throw conflict(`Rows without a key cannot be refilled. ${remedy}`);
  }
}

const conflict = (message: string) => new DomainError("CONFLICT", message);
