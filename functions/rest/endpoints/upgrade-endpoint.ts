import { listUnitDescriptors } from "../../../adapters/dynamodb/catalog/units.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { upgradeEndpoint as upgrade } from "../../../adapters/dynamodb/endpoints/upgrade.ts";
import { listConnectorVersions } from "../../../adapters/dynamodb/registry/connectors.ts";
import { listUnitConfigs } from "../../../adapters/dynamodb/units/config-store.ts";
import { canonicalJson } from "../../../core/canonical-json.ts";
import { planUpgrade, upgradeTarget } from "../../../core/connector-upgrade.ts";
import type { EndpointUpgrade } from "../../../schemas/endpoint-upgrade.ts";
import type { UpgradeEndpoint } from "../../../schemas/operations/endpoints.ts";
import { connectorOf } from "../../commands/endpoint-changes.ts";
import { onFreeUnits } from "../../commands/free-units.ts";
import { settleCredentials } from "../../commands/settle-credentials.ts";
import type { Answer } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { checkMatch, requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

export async function upgradeEndpoint(
  { path, body, identity, ifMatch, now }: Request<typeof UpgradeEndpoint>,
  { tables, allowPrivateNetworks }: Pick<Deps, "tables" | "allowPrivateNetworks">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const seen = await getEndpoint(tables, tenantId, path.endpointId);
  (body.dryRun ? checkMatch : requireMatch)(ifMatch, seen);
  const from = await connectorOf({ tables }, seen);
  const to = upgradeTarget(
    await listConnectorVersions(tables, tenantId, seen.connector),
    seen.connectorVersion,
    body.version,
  );
  const configs = await listUnitConfigs(tables, tenantId, path.endpointId);

  const { next: config, ...diff } = planUpgrade(from, to, seen, configs, { allowPrivateNetworks });
  const draft = { ...seen, connectorVersion: to.version, config };
  // A version that sends the credentials elsewhere does not get those that were given for the one
  // before.
  const { endpoint: changed } = settleCredentials({ seen, draft, from, to }, now);
  const applied = !body.dryRun && canonicalJson(changed) !== canonicalJson(seen);
  const next = { ...changed, version: seen.version + 1, updatedAt: now.toISOString() };

  if (applied) {
    const own = { units: await listUnitDescriptors(tables, seen) };
    const asker = { tenantId, actor: subject, now };
    await onFreeUnits({ tables }, asker, () =>
      upgrade(tables, next, seen, unitIdsOf(from, to, own), subject),
    );
  }
  return answer({
    applied,
    from: from.version,
    to: to.version,
    ...diff,
    endpoint: applied ? next : seen,
  });
}

const unitIdsOf = (...owners: { readonly units: readonly { readonly unitId: string }[] }[]) =>
  owners.flatMap(({ units }) => units.map(({ unitId }) => unitId));

const answer = (body: EndpointUpgrade): Answer => ({
  status: 200,
  body,
  headers: { etag: `"${body.endpoint.version}"` },
});
