import { ulid } from "ulid";
import {
  createEndpoint,
  findEndpointByName,
  updateEndpoint,
} from "../../../adapters/dynamodb/endpoints/store.ts";
import { listConnectorVersions } from "../../../adapters/dynamodb/registry/connectors.ts";
import { staleVersion } from "../../../adapters/dynamodb/table/version-guard.ts";
import { listUnitConfigs } from "../../../adapters/dynamodb/units/config-store.ts";
import { canonicalJson } from "../../../core/canonical-json.ts";
import { collectEveryHours } from "../../../core/catalogue-rules.ts";
import { checkConfig, checkCredentials } from "../../../core/config-faults.ts";
import { NOT_CONNECTED } from "../../../core/connection.ts";
import type { EgressRules } from "../../../core/egress-guard.ts";
import { slugOf } from "../../../core/slug.ts";
import { newestOfMajor } from "../../../core/version-order.ts";
import type { Connector } from "../../../schemas/connector.ts";
import type { Endpoint, EndpointInput } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { PostEndpoint } from "../../../schemas/operations/endpoints.ts";
import type { ProbeDeps } from "../../commands/ask-probe.ts";
import { connectorOf, newestConnector } from "../../commands/endpoint-changes.ts";
import {
  type Change,
  type Offer,
  offerCredentials,
  settleCredentials,
  taking,
  withOffer,
} from "../../commands/settle-credentials.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { checkMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";
import { readLimits } from "../../runtime/tenant-limits.ts";

type Needs = ProbeDeps & Pick<Deps, "credentials" | "allowPrivateNetworks">;
type Asked = Request<typeof PostEndpoint>;

/**
 * Requests for one name succeed one after the other, whatever meets: the first registers, the
 * others update.
 */
export async function postEndpoint(request: Asked, deps: Needs): Promise<Answer> {
  const known = await find(request, deps);
  if (known) return versioned(await update(request, known, deps));
  if (request.ifMatch !== undefined) throw staleVersion();

  const { registered, accepted } = await register(request, deps);
  if (registered) return versioned(registered, 201);
  return versioned(await update(request, await found(request, deps), deps, accepted));
}

const find = ({ identity, body }: Asked, { tables }: Needs) =>
  findEndpointByName(tables, identity.tenantId, body.name);

async function found(request: Asked, deps: Needs): Promise<Endpoint> {
  const seen = await find(request, deps);
  if (seen) return seen;
  throw new DomainError("CONFLICT", "The name was taken and freed meanwhile. Repeat the request.");
}

/**
 * Nothing is registered when somebody took the name meanwhile; `accepted`: what the source said of
 * the credentials.
 */
async function register(
  request: Asked,
  deps: Needs,
): Promise<{ registered?: Endpoint; accepted?: boolean }> {
  const { body, identity, now } = request;
  const { tenantId, subject } = identity;
  const { quotas } = await readLimits(deps, tenantId);
  const connector = await newestConnector(deps, tenantId, body.connector, "source", "connector");
  checkInput(connector, body, deps);

  const draft = newEndpoint(request, connector);
  const tried = { now, stays: "Nothing was registered." };
  const offer =
    body.credentials && (await offerCredentials(deps, connector, draft, body.credentials, tried));
  const endpoint = offer ? withOffer(draft, offer, now) : draft;
  try {
    await taking(deps, tenantId, offer, now, () =>
      createEndpoint(deps.tables, endpoint, subject, quotas.endpoints),
    );
    return { registered: endpoint };
  } catch (error) {
    if (error instanceof DomainError && error.code === "CONFLICT")
      return offer ? { accepted: offer.accepted } : {};
    throw error;
  }
}

function newEndpoint({ body, identity, now }: Asked, connector: Connector): Endpoint {
  const at = now.toISOString();

  return {
    endpointId: `ep_${ulid(now.getTime())}`,
    tenantId: identity.tenantId,
    name: body.name,
    slug: slugOf(body.name),
    connector: connector.name,
    connectorVersion: connector.version,
    config: body.config,
    authType: null,
    credentialVersion: null,
    enabled: body.enabled ?? true,
    collectEveryHours: collectEveryHours(connector, body.collectEveryHours),
    status: "NEW",
    lastError: null,
    lastCollectedAt: null,
    connection: NOT_CONNECTED,
    lastUsedAt: null,
    collectionId: null,
    sourceSystem: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

/** Far more than ever meet for one name; each takes a tenth of a second. */
const ATTEMPTS = 60;

/**
 * Takes the newest minor of the major that the endpoint pins. Whoever lost to another request reads
 * again what that one made of the endpoint, unless the caller named a version.
 */
async function update(
  request: Asked,
  known: Endpoint,
  deps: Needs,
  accepted?: boolean,
): Promise<Endpoint> {
  const { body, ifMatch, now } = request;
  const first = await readChange(request, known, deps);
  const tried = { now, accepted };
  const offer =
    body.credentials &&
    (await offerCredentials(deps, first.to, first.draft, body.credentials, tried));

  return taking(deps, known.tenantId, offer, now, async () => {
    let change = first;

    for (let attempt = 1; ; attempt++) {
      try {
        return await apply(request, change, deps, offer);
      } catch (error) {
        const lost =
          error instanceof DomainError &&
          error.code === "STALE_VERSION" &&
          typeof ifMatch !== "number";
        if (!lost || attempt === ATTEMPTS) throw error;
      }

      await new Promise((wake) => setTimeout(wake, Math.random() * 100));
      change = await readChange(request, await found(request, deps), deps);
      if (change.seen.endpointId !== known.endpointId) throw staleVersion();
    }
  });
}

/**
 * What the request makes of the endpoint as it is. Throws `CONFLICT`, `STALE_VERSION` or
 * `CONFIG_INVALID`.
 */
async function readChange({ body, ifMatch }: Asked, seen: Endpoint, deps: Needs): Promise<Change> {
  if (seen.name !== body.name) {
    const taken = `The endpoint "${seen.name}" has the tables ${slugOf(body.name)}.`;
    throw new DomainError("CONFLICT", `${taken} Choose another name.`);
  }
  checkMatch(ifMatch, seen);
  if (body.connector !== seen.connector) {
    throw new DomainError(
      "CONFLICT",
      `An endpoint of this name uses the connector ${seen.connector}. Choose another name.`,
    );
  }
  const published = await listConnectorVersions(deps.tables, seen.tenantId, seen.connector);
  const callable = published.filter(({ status }) => status !== "inactive");
  const versions = callable.map(({ version }) => version);
  const connectorVersion = newestOfMajor(versions, seen.connectorVersion) ?? seen.connectorVersion;
  const to = await connectorOf(deps, { ...seen, connectorVersion });
  checkInput(to, body, deps);

  const from = connectorVersion === seen.connectorVersion ? to : await connectorOf(deps, seen);
  const { config, enabled = seen.enabled } = body;
  const hours = collectEveryHours(to, body.collectEveryHours, seen.collectEveryHours);
  return {
    seen,
    draft: { ...seen, connectorVersion, config, enabled, collectEveryHours: hours },
    from,
    to,
  };
}

/** Saying what already holds changes nothing. Throws `STALE_VERSION`. */
async function apply(
  { identity, now }: Asked,
  change: Change,
  { tables }: Needs,
  offer: Offer | undefined,
): Promise<Endpoint> {
  const { seen } = change;
  const { endpoint, action } = settleCredentials(change, now, offer);
  if (canonicalJson(endpoint) === canonicalJson(seen)) return seen;

  const next = { ...endpoint, version: seen.version + 1, updatedAt: now.toISOString() };
  const held = next.enabled !== seen.enabled;
  const configs = held ? await listUnitConfigs(tables, seen.tenantId, seen.endpointId) : [];
  await updateEndpoint(tables, next, seen, identity.subject, { configs, action });
  return next;
}

/** All of it before anything is written, credentials included. */
function checkInput(
  connector: Connector,
  { config, credentials }: EndpointInput,
  rules: EgressRules,
): void {
  checkConfig(connector, config, rules);
  if (credentials) checkCredentials(connector, credentials);
}
