/** The policy that a run obeys: what was configured, and the default that depends on the sink. */
import type { Connector } from "../schemas/connector.ts";
import { type Policy, policyOf } from "../schemas/policy.ts";
import type { Unit } from "../schemas/unit.ts";
import { sinkTraits } from "./sink-traits.ts";

/** What a unit that is read in full by default does with what is gone, where the sink can. */
const FULL_DELETES = "soft";

/**
 * A policy that does not name `deletes` gets the unit's default, as far as the sink can, and none
 * where a transform leaves rows out: nothing tells those from rows that are gone. A config that is
 * stored keeps what it says. `planned_deletes` of the data plane does the same. `sinkType` is null
 * for the knowledge base, undefined where nobody knows it.
 */
export function plannedPolicy(
  policy: Policy,
  { defaultMode }: Pick<Unit, "defaultMode">,
  sinkType: Pick<Connector, "sink" | "modes"> | null | undefined,
): Policy & { deletes: NonNullable<Policy["deletes"]> } {
  const { deletes } = policy;
  if (deletes !== undefined) return { ...policy, deletes };

  const can =
    sinkType &&
    sinkTraits(sinkType).deletes.includes(FULL_DELETES) &&
    policyOf(policy).transform?.filters !== true;
  return { ...policy, deletes: defaultMode === "FULL" && can ? FULL_DELETES : "ignore" };
}
