import { canonicalJson } from "../../../core/canonical-json.ts";
import { slugOf } from "../../../core/slug.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { UnitConfig } from "../../../schemas/unit-config.ts";
import type { Item, Tables } from "../client.ts";
import { pointerWrites } from "../credentials/unowned.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys, tenantPk } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { absent, all, type Condition, exists, matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { listAll, type Page, type PageRequest, queryPage } from "../table/page.ts";
import { type ConditionalWrite, transact } from "../table/transact.ts";
import { atVersion, staleVersion } from "../table/version-guard.ts";
import { walk } from "../table/walk.ts";
import { put, remove, set } from "../table/write.ts";
import { usageWrite } from "../tenants/usage.ts";
import { connectionValues, endpointItem, toEndpoint } from "./items.ts";
import { siteChosenWrites } from "./site-choice.ts";

/** One endpoint, read consistently; undefined for an unknown id and for another tenant's. */
export async function findEndpoint(
  tables: Tables,
  tenantId: string,
  id: string,
): Promise<Endpoint | undefined> {
  const item = await findItem(tables, keys.endpoint(tenantId, id));
  return item && toEndpoint(item);
}

/** Throws `NOT_FOUND` when the tenant has no such endpoint. */
export async function getEndpoint(tables: Tables, tenantId: string, id: string): Promise<Endpoint> {
  const found = await findEndpoint(tables, tenantId, id);
  if (found) return found;
  throw new DomainError("NOT_FOUND", "There is no such endpoint. List them with GET /endpoints.");
}

/** The endpoint that has this name, or whose landed tables do. */
export async function findEndpointByName(
  tables: Tables,
  tenantId: string,
  name: string,
): Promise<Endpoint | undefined> {
  const named = await findItem(tables, keys.endpointSlug(tenantId, slugOf(name)));
  return named && findEndpoint(tables, tenantId, String(named.endpointId));
}

/**
 * Endpoints whose name, slug or connector has `search` in it, in the order they were registered.
 */
export async function listEndpoints(
  tables: Tables,
  tenantId: string,
  page: PageRequest & { readonly search?: string | undefined },
): Promise<Page<Endpoint>> {
  const wanted = page.search?.trim().toLowerCase() ?? "";
  const keep = ({ name, slug, connector }: Endpoint) =>
    `${name} ${slug} ${connector}`.toLowerCase().includes(wanted);
  return queryPage(tables, { pk: tenantPk(tenantId), prefix: "ENDPOINT#" }, page, toEndpoint, keep);
}

export async function* walkEndpoints(tables: Tables, tenantId: string): AsyncGenerator<Endpoint> {
  for await (const item of walk(tables, { pk: tenantPk(tenantId), prefix: "ENDPOINT#" }))
    yield toEndpoint(item);
}

/** All of a tenant's, which its quota bounds. */
export function listAllEndpoints(tables: Tables, tenantId: string): Promise<Endpoint[]> {
  return listAll(tables, { pk: tenantPk(tenantId), prefix: "ENDPOINT#" }, toEndpoint);
}

/**
 * Registers an endpoint. Throws `CONFLICT` when its name, or one with the same slug, was taken
 * meanwhile, `QUOTA_EXCEEDED` when the tenant has `limit` endpoints.
 */
export async function createEndpoint(
  tables: Tables,
  endpoint: Endpoint,
  actor: string,
  limit?: number,
): Promise<void> {
  const mark =
    endpoint.collectEveryHours === null
      ? {}
      : pendingMark("endpoint", new Date(endpoint.createdAt));

  await transact(tables, [
    put(tables.control, { ...endpointItem(endpoint), ...mark }, absent()),
    slugWrite(tables, endpoint, endpoint.slug),
    usageWrite(tables, endpoint.tenantId, "endpoints", limit),
    ...credentialWrites(tables, undefined, endpoint, new Date(endpoint.createdAt)),
    endpointAudit(tables, "endpoint.create", undefined, endpoint, actor),
  ]);
}

/** A transaction takes 100 writes. */
const MARKED_AT_ONCE = 90;

/**
 * Replaces the version `seen`. When `enabled` changes, pass the endpoint's configs: each gets the
 * mark, so that its schedule follows; of more than one transaction takes, the bridge marks the rest
 * (`apply-collections.ts`). `action` names it in the audit. Throws `STALE_VERSION`, or `CONFLICT`
 * when the new name is taken.
 */
export async function updateEndpoint(
  tables: Tables,
  endpoint: Endpoint,
  seen: Endpoint,
  actor: string,
  {
    configs = [],
    action = "endpoint.update",
  }: { configs?: readonly UnitConfig[]; action?: string } = {},
): Promise<void> {
  const now = new Date(endpoint.updatedAt);

  await transact(tables, [
    endpointUpdate(tables, endpoint, seen, configs.length > MARKED_AT_ONCE),
    ...renameWrites(tables, endpoint, seen),
    ...configs
      .slice(0, MARKED_AT_ONCE)
      .map((config) => configMark(tables, endpoint.tenantId, config, now)),
    ...credentialWrites(tables, seen, endpoint, now),
    ...siteChosenWrites(tables, seen, endpoint),
    endpointAudit(tables, action, seen, endpoint, actor),
  ]);
}

/** An endpoint that takes other credentials, or none, leaves those it had to be removed. */
export function credentialWrites(
  tables: Tables,
  seen: Endpoint | undefined,
  next: Endpoint | undefined,
  now: Date,
): ConditionalWrite[] {
  const { tenantId = "", endpointId = "" } = next ?? seen ?? {};
  const [before, after] = [seen?.credentialVersion ?? null, next?.credentialVersion ?? null];
  return pointerWrites(tables, { tenantId, ownerId: endpointId }, { before, next: after }, now);
}

/**
 * Sets only what people change, since a collection may be writing the endpoint's status at this
 * moment; the statuses where the caller changed them, which credentials do.
 */
function endpointUpdate(
  tables: Tables,
  endpoint: Endpoint,
  seen: Endpoint,
  leavesMore: boolean,
): ConditionalWrite {
  const changed = [
    "name",
    "connectorVersion",
    "config",
    "enabled",
    "collectEveryHours",
    "updatedAt",
  ] as const;

  const values: Item = {
    version: endpoint.version,
    ...Object.fromEntries(changed.map((name) => [name, endpoint[name]])),
    ...credentialValues(endpoint, seen),
    ...statusValues(endpoint, seen),
    ...heldMark(endpoint, seen, leavesMore),
  };

  return set(tables.control, keyOf(endpoint), values, asSeen(seen, endpoint), staleVersion);
}

/** A renewal may be pointing the endpoint at a version of its own at this moment. */
function credentialValues({ authType, credentialVersion }: Endpoint, seen: Endpoint): Item {
  return credentialVersion === seen.credentialVersion ? {} : { authType, credentialVersion };
}

/**
 * Holds for the version that was read. A renewal raises none, so whoever replaces credentials says
 * which: those that a renewal stored meanwhile would be left without an owner.
 */
export function asSeen(seen: Endpoint, next?: Endpoint): Condition {
  const { credentialVersion } = seen;
  if (next?.credentialVersion === credentialVersion) return atVersion(seen);
  return all(atVersion(seen), matches({ credentialVersion }));
}

/** What a change of credentials says of catalogue and connection, and since when they are there. */
export function statusValues(endpoint: Endpoint, seen: Endpoint): Item {
  const { status, lastError, connection, updatedAt } = endpoint;
  const differs = (one: unknown, other: unknown) => canonicalJson(one) !== canonicalJson(other);

  return {
    ...(differs([status, lastError], [seen.status, seen.lastError]) && { status, lastError }),
    ...(differs(connection, seen.connection) && connectionValues(connection)),
    ...(endpoint.credentialVersion !== seen.credentialVersion && { credentialsAt: updatedAt }),
  };
}

/**
 * The mark that has the schedules follow what changed, of collections and of what is left; none
 * when nothing of it did.
 */
function heldMark(endpoint: Endpoint, seen: Endpoint, leavesMore: boolean): Item {
  const { enabled, collectEveryHours } = endpoint;
  const changed = collectEveryHours !== seen.collectEveryHours;
  const held = enabled !== seen.enabled && collectEveryHours !== null;
  return changed || held || leavesMore ? pendingMark("endpoint", new Date(endpoint.updatedAt)) : {};
}

/**
 * The slug stays with the endpoint for good, since its landed tables bear it; the name's own guard
 * moves.
 */
function renameWrites(tables: Tables, endpoint: Endpoint, seen: Endpoint): ConditionalWrite[] {
  const [from, to] = [slugOf(seen.name), slugOf(endpoint.name)];
  if (from === to) return [];
  const given = remove(tables.control, keys.endpointSlug(endpoint.tenantId, from));
  return [
    ...(to === endpoint.slug ? [] : [slugWrite(tables, endpoint, to)]),
    ...(from === endpoint.slug ? [] : [given]),
  ];
}

function slugWrite(
  tables: Tables,
  { tenantId, endpointId }: Endpoint,
  slug: string,
): ConditionalWrite {
  const item = {
    ...keys.endpointSlug(tenantId, slug),
    entity: "endpoint-slug",
    tenantId,
    endpointId,
  };
  const taken = () =>
    new DomainError(
      "CONFLICT",
      `Another endpoint's tables are called ${slug}. Choose a name that differs in letters.`,
    );

  return put(tables.control, item, absent(), taken);
}

function configMark(
  tables: Tables,
  tenantId: string,
  config: UnitConfig,
  now: Date,
): ConditionalWrite {
  const key = keys.unitConfig(tenantId, config.endpointId, config.unitId);
  const pending = { ...pendingMark("unit-config", now), scheduleState: "PENDING" };
  return set(tables.control, key, pending, exists());
}

export function endpointAudit(
  tables: Tables,
  action: string,
  before: Endpoint | undefined,
  after: Endpoint | undefined,
  actor: string,
  at = after?.updatedAt ?? "",
): ConditionalWrite {
  const { tenantId = "", endpointId = "" } = after ?? before ?? {};
  const subject = `endpoint/${endpointId}`;

  return auditWrite(tables, {
    tenantId,
    at,
    actor,
    action,
    subject,
    before: before ?? null,
    after: after ?? null,
  });
}

const keyOf = ({ tenantId, endpointId }: Endpoint) => keys.endpoint(tenantId, endpointId);
