/**
 * Names, slugs and short forms become the ids that the API takes. What is an id already is sent as
 * it is.
 */
import type { ApiClient } from "../client/api-client.ts";
import { RefusedError } from "../client/errors.ts";
import { ListDatasets } from "../schemas/operations/datasets.ts";
import { GetEndpoint, ListEndpoints } from "../schemas/operations/endpoints.ts";
import { ListConnectors } from "../schemas/operations/registry.ts";
import { ListRunArtifacts, ListRuns } from "../schemas/operations/runs.ts";
import { ListSinks } from "../schemas/operations/sinks.ts";
import { GetTenant, ListTenants } from "../schemas/operations/tenants.ts";
import { ListUnits } from "../schemas/operations/units.ts";
import { firstItems, isSame, theOne, unknown } from "./lookup.ts";
import { REFERENCES } from "./references.ts";
import type { Values } from "./request.ts";

const ULID = "[0-9A-HJKMNP-TV-Z]{26}";
const ENDPOINT_ID = new RegExp(`^ep_${ULID}$`);
const SINK_ID = new RegExp(`^snk_${ULID}$`);
const RUN_ID = new RegExp(`^run_${ULID}$`);
/** Shorter ends of an id are typed by accident. */
const SHORTEST_END = 4;
const CONNECTOR = /^[a-z][a-z0-9_.]{0,63}$/;
const KB = "kb";
/** Scope of nodes that hang on no endpoint. */
const TENANT_SCOPE = "tenant";
const LATEST = "latest";
const LARGEST_PAGE = 100;
const WHOLE = { query: { limit: LARGEST_PAGE } };

type Fields = Readonly<Record<string, unknown>>;
type Resolve = (api: ApiClient, typed: string, endpointId: string | undefined) => Promise<string>;

const RESOLVERS: Readonly<Record<string, Resolve>> = {
  endpointId: resolveEndpoint,
  unitId: resolveUnit,
  datasetId: resolveDataset,
  sinkId: resolveSink,
  runId: resolveRun,
  artifactId: resolveArtifact,
  collectionId: resolveCollection,
  tenantId: resolveTenant,
  name: resolveConnector,
  logicalId: resolveNode,
  scope: async (api, typed) => (typed === TENANT_SCOPE ? typed : resolveEndpoint(api, typed)),
  subject: resolveSubject,
};

/**
 * Throws RefusedError `NOT_FOUND` for a name that nothing has, UsageError for one that means
 * several things.
 */
export async function resolveNames(values: Values, api: ApiClient): Promise<Values> {
  const named = references(values);
  if (named.length === 0) return values;

  const resolved = {
    path: { ...values.path },
    query: { ...values.query },
    body: values.body && { ...values.body },
  };
  let endpointId: string | undefined;
  // The endpoint first: units and collections are its own.
  for (const [place, name] of named.sort(([, a]) => (a === "endpointId" ? -1 : 1))) {
    const target = resolved[place] as Record<string, unknown>;
    target[name] = await RESOLVERS[name]?.(api, String(target[name]), endpointId);
    if (name === "endpointId") endpointId = String(target[name]);
  }
  return resolved;
}

/**
 * An empty list says that there is nothing of what was asked for; that what was asked for exists,
 * nothing has said yet. Throws RefusedError `NOT_FOUND` when it does not.
 */
export async function requireNamed({ query }: Values, api: ApiClient): Promise<void> {
  const owner = query.endpointId ?? (query.scope === TENANT_SCOPE ? undefined : query.scope);
  if (owner !== undefined) await api.call(GetEndpoint, { path: { endpointId: String(owner) } });
  if (query.unitId === undefined) return;

  const units = await unitsOf(api, owner === undefined ? undefined : String(owner));
  if (!units.includes(String(query.unitId))) {
    throw unknown(askedFor("unitId", String(query.unitId)), [...new Set(units)]);
  }
}

/** What of the values names something: arguments in the path, a few fields of query and body. */
function references({ path, query, body }: Values): ["path" | "query" | "body", string][] {
  const named = (place: "path" | "query" | "body", values: Fields, names: readonly string[]) =>
    names
      .filter((name) => typeof values[name] === "string" && values[name] !== "")
      .map((name): [typeof place, string] => [place, name]);
  return [
    ...named("path", path, Object.keys(REFERENCES)),
    ...named("query", query, ["endpointId", "unitId", "scope", "subject"]),
    ...named("body", body ?? {}, ["endpointId", "unitId", "sinkId", "runId"]),
  ];
}

async function resolveEndpoint(api: ApiClient, typed: string): Promise<string> {
  if (ENDPOINT_ID.test(typed)) return typed;
  const search = typed.slice(0, 200);
  const found = await api.all(ListEndpoints, { query: { search, limit: LARGEST_PAGE } });
  const exact = found.filter(({ endpointId, name, slug }) => isSame(typed, endpointId, name, slug));
  if (exact.length > 0)
    return theOne(idsOf(exact, "endpointId"), askedFor("endpointId", typed), []);

  const known = await firstItems(api.pages(ListEndpoints));
  throw unknown(askedFor("endpointId", typed), idsOf(known, "slug"));
}

async function resolveSink(api: ApiClient, typed: string): Promise<string> {
  if (SINK_ID.test(typed) || typed === KB) return typed;
  const all = await api.all(ListSinks, WHOLE);
  const found = all.filter(({ sinkId, name }) => isSame(typed, sinkId, name));
  return theOne(idsOf(found, "sinkId"), askedFor("sinkId", typed), [...idsOf(all, "name"), KB]);
}

/**
 * A whole name is sent as it is, unless no endpoint is named beside it: then nothing else would
 * refuse it.
 */
async function resolveUnit(
  api: ApiClient,
  typed: string,
  endpointId: string | undefined,
): Promise<string> {
  if (endpointId !== undefined && typed.includes(".")) return typed;
  const all = await unitsOf(api, endpointId);
  const exact = all.filter((unitId) => unitId === typed);
  const found =
    exact.length > 0 ? exact : all.filter((unitId) => isSame(typed, unitId, lastPart(unitId)));
  return theOne(found, askedFor("unitId", typed), [...new Set(all)]);
}

/** Units of the endpoint, or of all endpoints. */
async function unitsOf(api: ApiClient, endpointId: string | undefined): Promise<string[]> {
  const owners =
    endpointId === undefined
      ? idsOf(await api.all(ListEndpoints, WHOLE), "endpointId")
      : [endpointId];
  const lists = owners.map((owner) =>
    api.all(ListUnits, { path: { endpointId: owner }, ...WHOLE }),
  );
  return idsOf((await Promise.all(lists)).flat(), "unitId");
}

/** `ep_…:jira.issues`, `jira:issues`, or `issues` where only one endpoint has such a dataset. */
async function resolveDataset(api: ApiClient, typed: string): Promise<string> {
  const [owner, name] = typed.includes(":") ? splitAt(typed, ":") : [undefined, typed];
  if (owner !== undefined && ENDPOINT_ID.test(owner) && name.includes(".")) return typed;
  const owners =
    owner === undefined
      ? idsOf(await api.all(ListEndpoints, WHOLE), "endpointId")
      : [await resolveEndpoint(api, owner)];
  const lists = await Promise.all(
    owners.map((owner) => api.all(ListDatasets, { path: { endpointId: owner }, ...WHOLE })),
  );
  const all = lists.flat();
  const found = all.filter((dataset) => isSame(name, dataset.name, lastPart(String(dataset.name))));
  return theOne(idsOf(found, "datasetId"), askedFor("datasetId", typed), idsOf(all, "datasetId"));
}

/**
 * A unit's newest run, or among the newest hundred: `latest`, or what an id starts or ends with.
 */
async function resolveRun(api: ApiClient, typed: string): Promise<string> {
  if (RUN_ID.test(typed)) return typed;
  if (typed.includes(".")) return newestOf(api, typed);
  const newest = await firstItems(api.pages(ListRuns, WHOLE));
  const all = idsOf(newest, "runId");
  if (typed === LATEST && all[0] !== undefined) return all[0];

  const part = typed.toUpperCase().replace(/^RUN_/, "");
  const isMeant = (runId: string) => {
    const id = runId.toUpperCase().replace(/^RUN_/, "");
    return (
      id === part || (part.length >= SHORTEST_END && (id.startsWith(part) || id.endsWith(part)))
    );
  };
  const found = all.filter(isMeant);
  // An older run's whole id is not among the newest: the API knows it.
  if (found.length === 0 && /^run_.{20,}$/.test(typed)) return typed;
  return theOne(found, askedFor("runId", typed), []);
}

/** `jira.issues`, or `second/jira.issues` where several endpoints have such a unit. */
async function newestOf(api: ApiClient, typed: string): Promise<string> {
  const [owner, name] = typed.includes("/") ? splitAt(typed, "/") : [undefined, typed];
  const endpointId = owner === undefined ? undefined : await resolveEndpoint(api, owner);
  const unitId = await resolveUnit(api, name, undefined);
  const query = { limit: 1, unitId, endpointId };
  const newest = await firstItems(api.pages(ListRuns, { query }));
  return theOne(idsOf(newest, "runId"), { ...askedFor("runId", typed), word: "run of" }, []);
}

/** A run that landed one thing stands for it. */
async function resolveArtifact(api: ApiClient, typed: string): Promise<string> {
  if (typed.startsWith("art_")) return typed;
  const runId = await resolveRun(api, typed);
  const landed = await firstItems(api.pages(ListRunArtifacts, { path: { runId } }));
  return theOne(
    idsOf(landed, "artifactId"),
    { ...askedFor("artifactId", typed), word: "artifact of run" },
    [],
  );
}

async function resolveCollection(
  api: ApiClient,
  typed: string,
  endpointId: string | undefined,
): Promise<string> {
  if (typed !== LATEST || endpointId === undefined) return typed;
  const { collectionId } = await api.call(GetEndpoint, { path: { endpointId } });
  const asked = { ...askedFor("collectionId", LATEST), list: "inlet endpoints collect ENDPOINT" };
  return theOne(collectionId === null ? [] : [collectionId], asked, []);
}

/** Most callers type the id: only a name costs the list. */
async function resolveTenant(api: ApiClient, typed: string): Promise<string> {
  if (await isTenant(api, typed)) return typed;
  const all = await api.all(ListTenants, WHOLE);
  const found = all.filter(({ name }) => isSame(typed, name));
  return theOne(idsOf(found, "tenantId"), askedFor("tenantId", typed), idsOf(all, "tenantId"));
}

/** A path that cannot be one is nothing that the API knows. */
async function isTenant(api: ApiClient, tenantId: string): Promise<boolean> {
  try {
    await api.call(GetTenant, { path: { tenantId } });
    return true;
  } catch (error) {
    if (error instanceof RefusedError && [400, 404].includes(error.problem.status)) return false;
    throw error;
  }
}

async function resolveConnector(api: ApiClient, typed: string): Promise<string> {
  if (CONNECTOR.test(typed)) return typed;
  const all = await api.all(ListConnectors, WHOLE);
  const found = all.filter(({ name, title }) => isSame(typed, name, title));
  return theOne(idsOf(found, "name"), askedFor("name", typed), idsOf(all, "name"));
}

/** `ingestion::jira::jira.issues`: the middle is an endpoint, by whatever it is called. */
async function resolveNode(api: ApiClient, typed: string): Promise<string> {
  const [kind, rest] = splitAt(typed, "::");
  if (kind === "sink") return `${kind}::${await resolveSink(api, rest)}`;
  const [owner, id] = rest.includes("::") ? splitAt(rest, "::") : [rest, undefined];
  if (owner === "") return typed;
  const endpointId = await resolveEndpoint(api, owner);
  return [kind, endpointId, ...(id === undefined ? [] : [id])].join("::");
}

/**
 * `endpoint/jira` and `unit/jira/…` of the audit; whatever else is sent as it is, since what is
 * gone has no name.
 */
async function resolveSubject(api: ApiClient, typed: string): Promise<string> {
  const [, kind, owner, rest = ""] = /^(endpoint|unit|sink)\/([^/]+)(\/.*)?$/.exec(typed) ?? [];
  if (kind === undefined || owner === undefined) return typed;
  const resolve = kind === "sink" ? resolveSink : resolveEndpoint;
  // A start of an id is no name, and what was deleted is in the audit still.
  if (/^(ep|snk)_/.test(owner)) return typed;
  return `${kind}/${await resolve(api, owner)}${rest}`;
}

function askedFor(name: string, typed: string) {
  const { word = name, list = "inlet --help" } = REFERENCES[name] ?? {};
  return { word, typed, list };
}

function idsOf<Name extends string>(
  items: readonly Readonly<Record<Name, string>>[],
  name: Name,
): string[] {
  return items.map((item) => item[name]);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
