import { getEndpoint, updateEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import { listUnitConfigs } from "../../adapters/dynamodb/unit-config-store.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { checkConfig } from "../../core/config-faults.ts";
import type { PatchEndpoint } from "../../schemas/operations/endpoints.ts";
import { connectorOf } from "../commands/endpoint-changes.ts";
import { type Answer, versioned } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import { requireMatch } from "../runtime/if-match.ts";
import type { Request } from "../runtime/request.ts";

export async function patchEndpoint(
  { path, body, identity, ifMatch, now }: Request<typeof PatchEndpoint>,
  { tables, allowPrivateNetworks }: Pick<Deps, "tables" | "allowPrivateNetworks">,
): Promise<Answer> {
  const seen = await getEndpoint(tables, identity.tenantId, path.endpointId);
  requireMatch(ifMatch, seen);
  if (body.config) checkConfig(await connectorOf({ tables }, seen), body.config, { allowPrivateNetworks });
  const { name = seen.name, config = seen.config, enabled = seen.enabled } = body;
  const { collectEveryHours = seen.collectEveryHours } = body;
  const changed = { ...seen, name, config, enabled, collectEveryHours };
  if (canonicalJson(changed) === canonicalJson(seen)) return versioned(seen);
  const next = { ...changed, version: seen.version + 1, updatedAt: now.toISOString() };
  const configs = enabled === seen.enabled ? [] : await listUnitConfigs(tables, identity.tenantId, path.endpointId);
  await updateEndpoint(tables, next, seen, identity.subject, { configs });
  return versioned(next);
}
