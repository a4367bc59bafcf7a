/**
 * Names, slugs and short forms become the ids that the API takes. What is an id already is sent as
 * it is.
 */
import type { Send } from "./client.ts";
import { everyItem, type Item, isSame, isThere, itemsOf, theOne, unknown } from "./lookup.ts";
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

type Resolve = (send: Send, typed: string, endpointId: string | undefined) => Promise<string>;

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
  scope: async (send, typed) => (typed === TENANT_SCOPE ? typed : resolveEndpoint(send, typed)),
  subject: resolveSubject,
};

/**
 * Throws RefusedError `NOT_FOUND` for a name that nothing has, UsageError for one that means
 * several things.
 */
export async function resolveNames(values: Values, send: Send): Promise<Values> {
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
    target[name] = await RESOLVERS[name]?.(send, String(target[name]), endpointId);
    if (name === "endpointId") endpointId = String(target[name]);
  }
  return resolved;
}

/**
 * An empty list says that there is nothing of what was asked for; that what was asked for exists,
 * nothing has said yet. Throws RefusedError `NOT_FOUND` when it does not.
 */
export async function requireNamed({ query }: Values, send: Send): Promise<void> {
  const owner = query.endpointId ?? (query.scope === TENANT_SCOPE ? undefined : query.scope);
  if (owner !== undefined) {
    await send({
      method: "GET",
      path: `/endpoints/${encodeURIComponent(String(owner))}`,
      headers: {},
    });
  }
  if (query.unitId === undefined) return;

  const units = await unitsOf(send, owner === undefined ? undefined : String(owner));
  if (!units.includes(String(query.unitId))) {
    throw unknown(askedFor("unitId", String(query.unitId)), [...new Set(units)]);
  }
}

/** What of the values names something: arguments in the path, a few fields of query and body. */
function references({ path, query, body }: Values): ["path" | "query" | "body", string][] {
  const named = (place: "path" | "query" | "body", values: Item, names: readonly string[]) =>
    names
      .filter((name) => typeof values[name] === "string" && values[name] !== "")
      .map((name): [typeof place, string] => [place, name]);
  return [
    ...named("path", path, Object.keys(REFERENCES)),
    ...named("query", query, ["endpointId", "unitId", "scope", "subject"]),
    ...named("body", body ?? {}, ["endpointId", "unitId", "sinkId", "runId"]),
  ];
}

async function resolveEndpoint(send: Send, typed: string): Promise<string> {
  if (ENDPOINT_ID.test(typed)) return typed;
  const found = await everyItem(
    send,
    `/endpoints?search=${encodeURIComponent(typed.slice(0, 200))}`,
  );
  const exact = found.filter(({ endpointId, name, slug }) => isSame(typed, endpointId, name, slug));
  if (exact.length > 0)
    return theOne(idsOf(exact, "endpointId"), askedFor("endpointId", typed), []);

  const { items } = await itemsOf(send, "/endpoints");
  throw unknown(askedFor("endpointId", typed), idsOf(items, "slug"));
}

async function resolveSink(send: Send, typed: string): Promise<string> {
  if (SINK_ID.test(typed) || typed === KB) return typed;
  const all = await everyItem(send, "/sinks");
  const found = all.filter(({ sinkId, name }) => isSame(typed, sinkId, name));
  return theOne(idsOf(found, "sinkId"), askedFor("sinkId", typed), [...idsOf(all, "name"), KB]);
}

/**
 * A whole name is sent as it is, unless no endpoint is named beside it: then nothing else would
 * refuse it.
 */
async function resolveUnit(
  send: Send,
  typed: string,
  endpointId: string | undefined,
): Promise<string> {
  if (endpointId !== undefined && typed.includes(".")) return typed;
  const all = await unitsOf(send, endpointId);
  const exact = all.filter((unitId) => unitId === typed);
  const found =
    exact.length > 0 ? exact : all.filter((unitId) => isSame(typed, unitId, lastPart(unitId)));
  return theOne(found, askedFor("unitId", typed), [...new Set(all)]);
}

/** Units of the endpoint, or of all endpoints. */
async function unitsOf(send: Send, endpointId: string | undefined): Promise<string[]> {
  const owners =
    endpointId === undefined
      ? idsOf(await everyItem(send, "/endpoints"), "endpointId")
      : [endpointId];
  const lists = owners.map((owner) =>
    everyItem(send, `/endpoints/${encodeURIComponent(owner)}/units`),
  );
  return idsOf((await Promise.all(lists)).flat(), "unitId");
}

/** `ep_…:jira.issues`, `jira:issues`, or `issues` where only one endpoint has such a dataset. */
async function resolveDataset(send: Send, typed: string): Promise<string> {
  const [owner, name] = typed.includes(":") ? splitAt(typed, ":") : [undefined, typed];
  if (owner !== undefined && ENDPOINT_ID.test(owner) && name.includes(".")) return typed;
  const owners =
    owner === undefined
      ? idsOf(await everyItem(send, "/endpoints"), "endpointId")
      : [await resolveEndpoint(send, owner)];
  const lists = await Promise.all(
    owners.map((id) => everyItem(send, `/endpoints/${encodeURIComponent(id)}/datasets`)),
  );
  const all = lists.flat();
  const found = all.filter((dataset) => isSame(name, dataset.name, lastPart(String(dataset.name))));
  return theOne(idsOf(found, "datasetId"), askedFor("datasetId", typed), idsOf(all, "datasetId"));
}

/**
 * A unit's newest run, or among the newest hundred: `latest`, or what an id starts or ends with.
 */
async function resolveRun(send: Send, typed: string): Promise<string> {
  if (RUN_ID.test(typed)) return typed;
  if (typed.includes(".")) return newestOf(send, typed);
  const { items } = await itemsOf(send, "/runs?limit=100");
  const all = idsOf(items, "runId");
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
async function newestOf(send: Send, typed: string): Promise<string> {
  const [owner, name] = typed.includes("/") ? splitAt(typed, "/") : [undefined, typed];
  const endpointId = owner === undefined ? undefined : await resolveEndpoint(send, owner);
  const unitId = await resolveUnit(send, name, undefined);
  const ofEndpoint =
    endpointId === undefined ? "" : `&endpointId=${encodeURIComponent(endpointId)}`;
  const { items } = await itemsOf(
    send,
    `/runs?limit=1&unitId=${encodeURIComponent(unitId)}${ofEndpoint}`,
  );
  return theOne(idsOf(items, "runId"), { ...askedFor("runId", typed), word: "run of" }, []);
}

/** A run that landed one thing stands for it. */
async function resolveArtifact(send: Send, typed: string): Promise<string> {
  if (typed.startsWith("art_")) return typed;
  const runId = await resolveRun(send, typed);
  const { items } = await itemsOf(send, `/runs/${encodeURIComponent(runId)}/artifacts`);
  return theOne(
    idsOf(items, "artifactId"),
    { ...askedFor("artifactId", typed), word: "artifact of run" },
    [],
  );
}

async function resolveCollection(
  send: Send,
  typed: string,
  endpointId: string | undefined,
): Promise<string> {
  if (typed !== LATEST || endpointId === undefined) return typed;
  const { body } = await send({
    method: "GET",
    path: `/endpoints/${encodeURIComponent(endpointId)}`,
    headers: {},
  });
  const { collectionId } = body as { collectionId: string | null };
  const asked = { ...askedFor("collectionId", LATEST), list: "inlet endpoints collect ENDPOINT" };
  return theOne(collectionId === null ? [] : [collectionId], asked, []);
}

/** Most callers type the id: only a name costs the list. */
async function resolveTenant(send: Send, typed: string): Promise<string> {
  if (await isThere(send, `/tenants/${encodeURIComponent(typed)}`)) return typed;
  const all = await everyItem(send, "/tenants");
  const found = all.filter(({ name }) => isSame(typed, name));
  return theOne(idsOf(found, "tenantId"), askedFor("tenantId", typed), idsOf(all, "tenantId"));
}

async function resolveConnector(send: Send, typed: string): Promise<string> {
  if (CONNECTOR.test(typed)) return typed;
  const all = await everyItem(send, "/connectors");
  const found = all.filter(({ name, title }) => isSame(typed, name, title));
  return theOne(idsOf(found, "name"), askedFor("name", typed), idsOf(all, "name"));
}

/** `ingestion::jira::jira.issues`: the middle is an endpoint, by whatever it is called. */
async function resolveNode(send: Send, typed: string): Promise<string> {
  const [kind, rest] = splitAt(typed, "::");
  if (kind === "sink") return `${kind}::${await resolveSink(send, rest)}`;
  const [owner, id] = rest.includes("::") ? splitAt(rest, "::") : [rest, undefined];
  if (owner === "") return typed;
  const endpointId = await resolveEndpoint(send, owner);
  return [kind, endpointId, ...(id === undefined ? [] : [id])].join("::");
}

/**
 * `endpoint/jira` and `unit/jira/…` of the audit; whatever else is sent as it is, since what is
 * gone has no name.
 */
async function resolveSubject(send: Send, typed: string): Promise<string> {
  const [, kind, owner, rest = ""] = /^(endpoint|unit|sink)\/([^/]+)(\/.*)?$/.exec(typed) ?? [];
  if (kind === undefined || owner === undefined) return typed;
  const resolve = kind === "sink" ? resolveSink : resolveEndpoint;
  // A start of an id is no name, and what was deleted is in the audit still.
  if (/^(ep|snk)_/.test(owner)) return typed;
  return `${kind}/${await resolve(send, owner)}${rest}`;
}

function askedFor(name: string, typed: string) {
  const { word = name, list = "inlet --help" } = REFERENCES[name] ?? {};
  return { word, typed, list };
}

function idsOf(items: readonly Item[], field: string): string[] {
  return items.map((item) => String(item[field]));
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
