/**
 * Every key of the `control`, `events` and `hot` tables. All start with the tenant; what no tenant
 * owns starts with `P#`. Indexes of `control`: `by_time` (gsi1pk, gsi1sk) lists by time, `by_unit`
 * (gsi2pk, gsi2sk) a unit's runs, and the sparse `pending` (pendingPk, pendingAt) holds the marks
 * that the bridge and the reconciler work off (decision 13).
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export const INDEX = { byTime: "by_time", byUnit: "by_unit", pending: "pending" } as const;

const tenantKey = (tenantId: string) => `T#${tenantId}`;
const endpointPk = (tenantId: string, endpointId: string) => `T#${tenantId}#E#${endpointId}`;
const kbPk = (tenantId: string, scope: string) => `T#${tenantId}#KB#${scope}`;
export const runPk = (tenantId: string, runId: string) => `T#${tenantId}#RUN#${runId}`;

/** Whose a connector is: a tenant's own, or the platform's. */
export type ConnectorOwner = string | null;
export const connectorsPk = (owner: ConnectorOwner) =>
  owner === null ? "P#CONNECTORS" : `T#${owner}#CONNECTORS`;
/** Partition of the methods of a connector's version. */
export const methodsPk = (owner: ConnectorOwner, name: string, version: string) =>
  `${connectorsPk(owner)}#${name}#${version}`;
export const tenantPk = tenantKey;
export const endpointChildrenPk = endpointPk;
/** Partition of the knowledge base's nodes of one endpoint, or of the tenant itself. */
export const kbScopePk = kbPk;

export const keys = {
  connector: (owner: ConnectorOwner, name: string, version: string): Key => ({
    pk: connectorsPk(owner),
    sk: `CONNECTOR#${name}#${version}`,
  }),
  method: (owner: ConnectorOwner, connector: string, version: string, name: string): Key => ({
    pk: methodsPk(owner, connector, version),
    sk: `METHOD#${name}`,
  }),
  registration: (owner: ConnectorOwner, connector: string, version: string): Key => ({
    pk: connectorsPk(owner),
    sk: `REGISTRATION#${connector}#${version}`,
  }),
  /** What methods are found by: all of a version's in one item. */
  methodWords: (owner: ConnectorOwner, connector: string, version: string): Key => ({
    pk: connectorsPk(owner),
    sk: `WORDS#${connector}#${version}`,
  }),
  tenant: (t: string): Key => ({ pk: tenantKey(t), sk: "TENANT" }),
  usage: (t: string): Key => ({ pk: tenantKey(t), sk: "USAGE" }),
  running: (t: string): Key => ({ pk: tenantKey(t), sk: "RUNNING" }),
  probing: (t: string): Key => ({ pk: tenantKey(t), sk: "PROBING" }),
  endpoint: (t: string, endpointId: string): Key => ({
    pk: tenantKey(t),
    sk: `ENDPOINT#${endpointId}`,
  }),
  /** In the place of an endpoint whose things are being removed. */
  endpointDeletion: (t: string, e: string): Key => ({ pk: tenantKey(t), sk: `DELETION#${e}` }),
  endpointSlug: (t: string, slug: string): Key => ({ pk: tenantKey(t), sk: `SLUG#${slug}` }),
  sourceSystem: (t: string, id: string): Key => ({ pk: tenantKey(t), sk: `SOURCE_SYSTEM#${id}` }),
  /** A stored credential that no owner points at. */
  unownedCredential: (t: string, ownerId: string, versionId: string): Key => ({
    pk: tenantKey(t),
    sk: `CREDENTIAL#${ownerId}#${versionId}`,
  }),
  /** When to look next at a credential that counts: until when it is good, what was begun. */
  credentialWatch: (t: string, ownerId: string): Key => ({
    pk: tenantKey(t),
    sk: `CREDENTIALWATCH#${ownerId}`,
  }),
  sink: (t: string, sinkId: string): Key => ({ pk: tenantKey(t), sk: `SINK#${sinkId}` }),
  sinkName: (t: string, name: string): Key => ({ pk: tenantKey(t), sk: `SINKNAME#${name}` }),
  /** The role that a sink's credentials name. */
  sinkRole: (t: string, sinkId: string): Key => ({ pk: tenantKey(t), sk: `SINKROLE#${sinkId}` }),
  /** In the way of whatever would refer to a sink that is being deleted, or is gone. */
  sinkDeletion: (t: string, sinkId: string): Key => ({
    pk: tenantKey(t),
    sk: `GONESINK#${sinkId}`,
  }),
  transform: (t: string, name: string): Key => ({ pk: tenantKey(t), sk: `TRANSFORM#${name}` }),
  transformVersion: (t: string, name: string, version: number): Key => ({
    pk: tenantKey(t),
    sk: `TRANSFORMVERSION#${name}#${String(version).padStart(10, "0")}`,
  }),
  dataset: (t: string, e: string, name: string): Key => ({
    pk: endpointPk(t, e),
    sk: `DATASET#${name}`,
  }),
  /** Units as the last collection found them. */
  catalogUnits: (t: string, e: string): Key => ({ pk: endpointPk(t, e), sk: "UNITS" }),
  /** What the endpoint says of how its methods are called. */
  endpointSettings: (t: string, e: string): Key => ({ pk: endpointPk(t, e), sk: "SETTINGS" }),
  call: (t: string, e: string, callId: string): Key => ({
    pk: endpointPk(t, e),
    sk: `CALL#${callId}`,
  }),
  unitConfig: (t: string, e: string, unitId: string): Key => ({
    pk: endpointPk(t, e),
    sk: `CONFIG#${unitId}`,
  }),
  unitState: (t: string, e: string, unitId: string): Key => ({
    pk: endpointPk(t, e),
    sk: `STATE#${unitId}`,
  }),
  /** Of a unit that was not read for too long, while that lasts. */
  lateness: (t: string, e: string, unitId: string): Key => ({
    pk: endpointPk(t, e),
    sk: `LATE#${unitId}`,
  }),
  checkpoint: (t: string, e: string, unitId: string): Key => ({
    pk: endpointPk(t, e),
    sk: `CHECKPOINT#${unitId}`,
  }),
  checkpointVersion: (t: string, e: string, unitId: string, version: number): Key => ({
    pk: endpointPk(t, e),
    sk: `HISTORY#${unitId}#${String(version).padStart(10, "0")}`,
  }),
  collection: (t: string, e: string, id: string): Key => ({
    pk: endpointPk(t, e),
    sk: `COLLECTION#${id}`,
  }),
  run: (t: string, runId: string): Key => ({ pk: runPk(t, runId), sk: "RUN" }),
  /** A line of the run's log; what happened at one instant is one line. */
  runLog: (t: string, runId: string, at: string): Key => ({ pk: runPk(t, runId), sk: `LOG#${at}` }),
  artifact: (t: string, id: string): Key => ({ pk: `T#${t}#ARTIFACT#${id}`, sk: "ARTIFACT" }),
  probe: (t: string, id: string): Key => ({ pk: `T#${t}#PROBE#${id}`, sk: "PROBE" }),
  kbNode: (t: string, scope: string, logicalId: string): Key => ({
    pk: kbPk(t, scope),
    sk: `NODE#${logicalId}`,
  }),
  /** An edge as its target has it; `scope` is the target's. */
  kbEdgeIn: (t: string, scope: string, target: string, type: string, source: string): Key => ({
    pk: kbPk(t, scope),
    sk: `IN#${target}#${type}#${source}`,
  }),
  event: (t: string, day: string, id: string): Key => ({
    pk: `T#${t}#EVENTS#${day}`,
    sk: `EVENT#${id}`,
  }),
  audit: (t: string, day: string, id: string): Key => ({
    pk: `T#${t}#AUDIT#${day}`,
    sk: `AUDIT#${id}`,
  }),
  idempotency: (t: string, route: string, key: string): Key => ({
    pk: `T#${t}#IDEMPOTENCY`,
    sk: `${route}#${key}`,
  }),
  /** Of one host of an endpoint, while it fails or did lately. */
  breaker: (t: string, e: string, host: string): Key => ({
    pk: endpointPk(t, e),
    sk: `BREAKER#${host}`,
  }),
  /** What both languages spend of; Python has it from `HOT_KEY` (schemas/names.ts). */
  budget: (t: string, e: string): Key => ({ pk: endpointPk(t, e), sk: "BUDGET" }),
  /** A kept answer of a method, sealed, in one of the endpoint's places; and what makes it old. */
  methodAnswer: (t: string, e: string, place: number): Key => ({
    pk: endpointPk(t, e),
    sk: `ANSWER#${String(place).padStart(4, "0")}`,
  }),
  answersEpoch: (t: string, e: string): Key => ({ pk: endpointPk(t, e), sk: "ANSWERS" }),
  appBudget: (t: string, connector: string): Key => ({
    pk: `T#${t}#APPS`,
    sk: `BUDGET#${connector}`,
  }),
  /** Of a credential that is renewed: who does it, and the short-lived token. */
  renewal: (t: string, ownerId: string): Key => ({ pk: endpointPk(t, ownerId), sk: "CREDENTIAL" }),
  person: (t: string, subject: string): Key => ({ pk: `T#${t}#PEOPLE`, sk: `PERSON#${subject}` }),
  methodRate: (t: string, e: string, method: string): Key => ({
    pk: endpointPk(t, e),
    sk: `RATE#${method}`,
  }),
  /** An authorization under way. It is nobody's: the state alone, which is a secret, leads to it. */
  oauthState: (state: string): Key => ({ pk: `P#OAUTH#${state}`, sk: "STATE" }),
  /** Says which authorizations of an endpoint are under way, to whoever removes the endpoint. */
  oauthBegun: (t: string, e: string, state: string): Key => ({
    pk: endpointPk(t, e),
    sk: `OAUTH#${state}`,
  }),
  requestRate: (t: string): Key => ({ pk: `T#${t}#RATE`, sk: "API" }),
} as const;

/** Value of `gsi1pk` on the knowledge base's nodes: by type, then by id. */
export const kbNodesByType = (t: string) => `T#${t}#KB`;
/** Values of `gsi1pk` on unit configs and unit states: all of a tenant's, by endpoint and unit. */
export const configsByTenant = (t: string) => `T#${t}#CONFIGS`;
export const statesByTenant = (t: string) => `T#${t}#STATES`;
/** Value of `gsi1sk` on both. */
export const unitPlace = (e: string, unitId: string) => `${e}#${unitId}`;
/** Value of `gsi1pk` on tenants: the platform lists them. */
export const tenantsByName = "P#TENANTS";
export const runsByTime = (t: string) => `T#${t}#RUNS`;
export const runsByUnit = (t: string, e: string, unitId: string) =>
  `T#${t}#E#${e}#U#${unitId}#RUNS`;
export const artifactsByRun = (t: string, runId: string) => `T#${t}#RUN#${runId}#ARTIFACTS`;
/** Probes of an endpoint (its datasets' previews among them) or of a sink. */
export const probesByOwner = (t: string, ownerId: string) => `T#${t}#O#${ownerId}#PROBES`;
export const PENDING_PK = "PENDING";
/**
 * Value of `pendingPk` on unit states whose lease is taken: the reconciler asks after their
 * workflows (decision 6).
 */
export const LEASED_PK = "LEASED";
/**
 * Value of `pendingPk` on unit states whose lease is free: with LEASED_PK all units that ever ran,
 * of every tenant.
 */
export const FREE_PK = "FREE";
/**
 * Value of `pendingPk` on configs whose schedule was applied: what the orchestrator must have,
 * listed without a scan.
 */
export const SCHEDULED_PK = "SCHEDULED";
/**
 * Value of `pendingPk` on deletions whose workflow was started: the reconciler sees to it that one
 * is open until they are done.
 */
export const DELETING_PK = "DELETING";
/** Value of `pendingPk` on what is recorded of late units. */
export const LATE_PK = "LATE";
/**
 * Value of `pendingPk` on stored credentials that no owner points at: the reconciler removes them
 * once their time is over.
 */
export const UNOWNED_PK = "UNOWNED";
/** Value of `pendingPk` on what is watched of credentials: the sweep takes what is due. */
export const WATCHED_PK = "WATCHED";
