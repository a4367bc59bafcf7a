import { ulid } from "ulid";
import { listConnectorVersions } from "../../adapters/dynamodb/connector-store.ts";
import { createEndpoint, findEndpointByName, updateEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import { listUnitConfigs } from "../../adapters/dynamodb/unit-config-store.ts";
import { staleVersion } from "../../adapters/dynamodb/version-guard.ts";
import { removeCredentials } from "../../adapters/secrets/credential-store.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { checkConfig, checkCredentials } from "../../core/config-faults.ts";
import type { EgressRules } from "../../core/egress-guard.ts";
import { slugOf } from "../../core/slug.ts";
import { newestOfMajor } from "../../core/version-order.ts";
import type { Connector } from "../../schemas/connector.ts";
import { COLLECT_EVERY_HOURS, type Endpoint, type EndpointInput } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { PostEndpoint } from "../../schemas/operations/endpoints.ts";
import { connectorOf, keepCredentials, newestConnector } from "../commands/endpoint-changes.ts";
import { type Answer, versioned } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import { checkMatch } from "../runtime/if-match.ts";
import type { Request } from "../runtime/request.ts";
import { readLimits } from "../runtime/tenant-limits.ts";

type Needs = Pick<Deps, "tables" | "credentials" | "defaultQuotas" | "allowPrivateNetworks">;

export async function postEndpoint(request: Request<typeof PostEndpoint>, deps: Needs): Promise<Answer> {
  const { body, identity, ifMatch } = request;
  const find = () => findEndpointByName(deps.tables, identity.tenantId, body.name);
  const known = await find();
  if (!known && ifMatch !== undefined) throw staleVersion();
  const registered = known ? undefined : await register(request, deps);
  if (registered) return versioned(registered, 201);
  const seen = known ?? (await find());
  if (!seen) throw new DomainError("CONFLICT", "The name was taken and given back meanwhile. Repeat the request.");
  if (seen.name !== body.name) {
    throw new DomainError(
      "CONFLICT",
      `The endpoint "${seen.name}" has the tables ${slugOf(body.name)}. Choose another name.`,
    );
  }
  checkMatch(ifMatch, seen);
  return versioned(await update(request, seen, deps));
}

/** Undefined when somebody took the name meanwhile. */
async function register(
  { body, identity, now }: Request<typeof PostEndpoint>,
  deps: Needs,
): Promise<Endpoint | undefined> {
  const { tenantId, subject } = identity;
  const { quotas } = await readLimits(deps, tenantId);
  const connector = await newestConnector(deps, body.connector, "source", "connector");
  checkInput(connector, body, deps);
  const [at, endpointId] = [now.toISOString(), `ep_${ulid(now.getTime())}`];
  const kept =
    body.credentials && (await keepCredentials(deps, connector, { tenantId, ownerId: endpointId }, body.credentials));
  const endpoint: Endpoint = {
    ...{ endpointId, tenantId, name: body.name, slug: slugOf(body.name) },
    ...{ connector: connector.name, connectorVersion: connector.version, config: body.config },
    ...(kept ?? { authType: null, credentialVersion: null }),
    ...{ enabled: body.enabled ?? true, collectEveryHours: collectEvery(body, COLLECT_EVERY_HOURS) },
    ...{ status: "NEW", lastError: null, lastCollectedAt: null },
    ...{ collectionId: null, sourceSystem: null, version: 1, createdAt: at, updatedAt: at },
  };
  try {
    await createEndpoint(deps.tables, endpoint, subject, quotas.endpoints);
    return endpoint;
  } catch (error) {
    if (kept) await removeCredentials(deps.credentials, { tenantId, ownerId: endpointId });
    if (error instanceof DomainError && error.code === "CONFLICT") return undefined;
    throw error;
  }
}

/** Takes the newest minor of the major that the endpoint pins. Saying what already holds changes nothing. */
async function update(request: Request<typeof PostEndpoint>, seen: Endpoint, deps: Needs): Promise<Endpoint> {
  const { body, identity, now } = request;
  if (body.connector !== seen.connector) {
    throw new DomainError("CONFLICT", `The endpoint is of ${seen.connector}. Give the new one another name.`);
  }
  const published = await listConnectorVersions(deps.tables, seen.connector);
  const newest = newestOfMajor(
    published.map(({ version }) => version),
    seen.connectorVersion,
  );
  const connectorVersion = newest ?? seen.connectorVersion;
  const connector = await connectorOf(deps, { ...seen, connectorVersion });
  checkInput(connector, body, deps);
  const owner = { tenantId: seen.tenantId, ownerId: seen.endpointId };
  const kept = body.credentials && (await keepCredentials(deps, connector, owner, body.credentials));
  const collectEveryHours = collectEvery(body, seen.collectEveryHours);
  const enabled = body.enabled ?? seen.enabled;
  const changed = { connectorVersion, config: body.config, enabled, collectEveryHours, ...kept };
  if (canonicalJson({ ...seen, ...changed }) === canonicalJson(seen)) return seen;
  const next = { ...seen, ...changed, version: seen.version + 1, updatedAt: now.toISOString() };
  const configs =
    next.enabled === seen.enabled ? [] : await listUnitConfigs(deps.tables, seen.tenantId, seen.endpointId);
  await updateEndpoint(deps.tables, next, seen, identity.subject, { configs });
  return next;
}

/** Null says "never"; left out, it stays as it is. */
const collectEvery = ({ collectEveryHours }: EndpointInput, otherwise: number | null) =>
  collectEveryHours === undefined ? otherwise : collectEveryHours;

/** All of it before anything is written, credentials included. */
function checkInput(connector: Connector, { config, credentials }: EndpointInput, rules: EgressRules): void {
  checkConfig(connector, config, rules);
  if (credentials) checkCredentials(connector, credentials);
}
