import { getEndpoint, updateEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { listUnitConfigs } from "../../../adapters/dynamodb/units/config-store.ts";
import { canonicalJson } from "../../../core/canonical-json.ts";
import { collectEveryHours } from "../../../core/catalogue-rules.ts";
import { checkConfig, checkCredentials } from "../../../core/config-faults.ts";
import type { PatchEndpoint } from "../../../schemas/operations/endpoints.ts";
import type { ProbeDeps } from "../../commands/ask-probe.ts";
import { connectorOf } from "../../commands/endpoint-changes.ts";
import { offerCredentials, settleCredentials, taking } from "../../commands/settle-credentials.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

type Needs = ProbeDeps & Pick<Deps, "credentials" | "allowPrivateNetworks">;

export async function patchEndpoint(
  { path, body, identity, ifMatch, now }: Request<typeof PatchEndpoint>,
  deps: Needs,
): Promise<Answer> {
  const { tables } = deps;
  const { tenantId, subject } = identity;
  const seen = await getEndpoint(tables, tenantId, path.endpointId);
  requireMatch(ifMatch, seen);
  const connector = await connectorOf(deps, seen);
  if (body.config) checkConfig(connector, body.config, deps);
  if (body.credentials) checkCredentials(connector, body.credentials);

  const { name = seen.name, config = seen.config, enabled = seen.enabled } = body;
  const hours = collectEveryHours(connector, body.collectEveryHours, seen.collectEveryHours);
  const draft = { ...seen, name, config, enabled, collectEveryHours: hours };
  const offer =
    body.credentials && (await offerCredentials(deps, connector, draft, body.credentials, { now }));
  const { endpoint, action } = settleCredentials(
    { seen, draft, from: connector, to: connector },
    now,
    offer,
  );
  if (canonicalJson(endpoint) === canonicalJson(seen)) return versioned(seen);
  const next = { ...endpoint, version: seen.version + 1, updatedAt: now.toISOString() };

  await taking(deps, tenantId, offer, now, async () => {
    const configs =
      enabled === seen.enabled ? [] : await listUnitConfigs(tables, tenantId, path.endpointId);
    await updateEndpoint(tables, next, seen, subject, { configs, action });
  });
  return versioned(next);
}
