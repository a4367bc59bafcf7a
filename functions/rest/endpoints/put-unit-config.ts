import { staleVersion } from "../../../adapters/dynamodb/table/version-guard.ts";
import type { PutUnitConfig } from "../../../schemas/operations/units.ts";
import type { UnitConfig } from "../../../schemas/unit-config.ts";
import { configureUnit } from "../../commands/configure-unit.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

export async function putUnitConfig(
  { path, body, identity, ifMatch, now }: Request<typeof PutUnitConfig>,
  deps: Pick<Deps, "tables" | "minimumIntervalMinutes" | "rateLimit" | "defaultQuotas">,
): Promise<Answer> {
  const guard = (seen: UnitConfig | undefined) => {
    if (seen) requireMatch(ifMatch, seen);
    else if (ifMatch !== undefined) throw staleVersion();
  };

  const { tenantId, subject: actor } = identity;
  const { config, created } = await configureUnit(deps, {
    tenantId,
    ...path,
    input: body,
    actor,
    now,
    guard,
  });
  return versioned(config, created ? 201 : 200);
}
