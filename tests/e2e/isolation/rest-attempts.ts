/**
 * Attempts through REST, from the list of operations: whoever adds one that takes an id gets its
 * attempts, or is told.
 */

import { OPERATIONS } from "../../../schemas/api.ts";
import type { Operation } from "../../../schemas/operation.ts";
import type { Attempt } from "./attempt.ts";
import type { Belongings, Ids } from "./belongings.ts";

/**
 * Names no thing by id: they make one of the caller's own, or go by a secret that nobody else has
 * (`functions/oauth-callback/strangers.test.ts` attempts it). GraphQL has attempts of its own.
 */
const MAKES_ITS_OWN = new Set([
  "postEndpoint",
  "createSink",
  "createTenant",
  "completeOauth",
  "postGraphql",
  "putTransform",
  "registerConnector",
  "createConnectorUpload",
]);

const BASIC = { authType: "basic", secret: { email: "a@example.com", apiToken: "t" } };
/** A body that is valid, so that the id decides. Given the ids that the attempt may name. */
const BODIES: Readonly<Record<string, (ids: Ids) => unknown>> = {
  callMethod: () => ({ params: {} }),
  putEndpointSettings: () => ({ cacheSeconds: 60 }),
  patchConnectorVersion: () => ({ status: "deprecated" }),
  patchEndpoint: () => ({ enabled: false }),
  patchSink: () => ({ name: "taken" }),
  patchTenant: () => ({ status: "SUSPENDED" }),
  putEndpointCredentials: () => BASIC,
  putSinkCredentials: () => BASIC,
  authorizeOauth: () => ({ scopes: ["read:jira-work"] }),
  upgradeEndpoint: () => ({ dryRun: true }),
  testTransform: ({ transformName }) => ({ name: transformName?.[0], input: {} }),
  putUnitConfig: ({ sinkId }) => ({ enabled: true, sinkId: sinkId?.[0] }),
  planUnitConfig: ({ sinkId }) => ({ enabled: true, sinkId: sinkId?.[0] }),
  rollbackCheckpoint: () => ({ version: 1 }),
  resetUnit: () => ({ replace: true }),
  redriveQuarantine: ({ runId }) => ({ runId: runId?.[0] }),
  discardQuarantine: ({ runId }) => ({ runId: runId?.[0] }),
  postMcp: ({ runId }) => ({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "get_run", arguments: { runId: runId?.[0] } },
  }),
  startRun: ({ endpointId, unitId }) => ({ endpointId: endpointId?.[0], unitId: unitId?.[0] }),
};
/** Query parameters that name a thing, and how. */
const QUERIES: Readonly<Record<string, (ids: Ids) => readonly string[]>> = {
  endpointId: ({ endpointId = [] }) => endpointId,
  runId: ({ runId = [] }) => runId,
  scope: ({ endpointId = [] }) => endpointId,
  subject: ({ endpointId = [], runId = [] }) => [
    ...endpointId.flatMap((id) => [`endpoint/${id}`, `unit/${id}/`]),
    ...runId.map((id) => `run/${id}`),
  ],
};
/**
 * On a path of the caller's own they start a run of the caller's own, whatever run they name:
 * isolation.test.ts looks into it.
 */
const STARTS = new Set(["startRun", "redriveQuarantine", "discardQuarantine"]);
/**
 * Parameters that name no tenant's thing: units and methods go by names that all tenants have.
 */
const NAMES_NOTHING = new Set(["unitId", "method", "version"]);

export const paramsOf = ({ pathParams }: Operation) => Object.keys(pathParams.shape);
const queryOf = ({ query }: Operation) => Object.keys(query.shape);
const hasBody = ({ body }: Operation) => body.type !== "undefined";
export const isList = (operation: Operation) => queryOf(operation).includes("cursor");

/** What keeps an operation from being attempted; empty when this file knows all that it takes. */
export function gaps(ids: Ids): string[] {
  return OPERATIONS.flatMap((operation) => [
    ...paramsOf(operation)
      .filter((name) => (ids[name] ?? []).length === 0)
      .map((name) => `${operation.id} takes {${name}}: give belongings.ts one of the owner's.`),
    ...queryOf(operation)
      .filter((name) => name.endsWith("Id") && !(name in QUERIES) && !NAMES_NOTHING.has(name))
      .map((name) => `${operation.id} takes ?${name}=: add it to QUERIES.`),
    ...(hasBody(operation) && !(operation.id in BODIES) && !MAKES_ITS_OWN.has(operation.id)
      ? [`${operation.id} takes a body: add a valid one to BODIES.`]
      : []),
  ]);
}

/** Operations that name a thing by id, in the path, the query or the body. */
export const NAMING = OPERATIONS.filter(
  (operation) =>
    !MAKES_ITS_OWN.has(operation.id) &&
    (paramsOf(operation).length > 0 ||
      operation.id in BODIES ||
      queryOf(operation).some((name) => name in QUERIES)),
);

/** Every path that the ids give, with what of it is another's. */
function paths(operation: Operation, ids: Ids): { path: string; named: string[]; ids: Ids }[] {
  return paramsOf(operation).reduce<{ path: string; named: string[]; ids: Ids }[]>(
    (all, name) =>
      all.flatMap(({ path, named, ids: chosen }) =>
        (ids[name] ?? []).map((id) => ({
          path: path.replace(`{${name}}`, encodeURIComponent(id)),
          named: NAMES_NOTHING.has(name) ? named : [...named, id],
          ids: { ...chosen, [name]: [id] },
        })),
      ),
    [{ path: operation.path, named: [], ids }],
  );
}

/** With and without what a caller may add: a version, a key that the owner used. */
function headerSets(
  { ifMatch, idempotencyKey }: Operation,
  usedKey: string,
): Record<string, string>[] {
  const sets: Record<string, string>[] = [{}];
  if (ifMatch !== "none") sets.push({ "if-match": "*" }, { "if-match": '"1"' });
  if (idempotencyKey) sets.push({ "idempotency-key": usedKey });
  return sets;
}

function requests(
  operation: Operation,
  where: ReturnType<typeof paths>[number],
  headers: Record<string, string>,
) {
  const body = BODIES[operation.id]?.(where.ids);
  const inBody =
    body === undefined
      ? []
      : Object.values(where.ids)
          .flat()
          .filter((id) => JSON.stringify(body).includes(id));

  const { id, method } = operation;
  return {
    operation: id,
    method,
    path: where.path,
    headers,
    ...(body !== undefined && { body }),
    named: [...new Set([...where.named, ...inBody])].filter((one) => !isUnitName(one)),
  };
}

const isUnitName = (text: string) => /^[a-z]+\.[a-z_]+$/.test(text);

/** By path and body: every thing of the owner's, in every operation that takes one. */
export function byId({ theirs, usedKey }: Pick<Belongings, "theirs" | "usedKey">): Attempt[] {
  return NAMING.flatMap((operation) =>
    headerSets(operation, usedKey).flatMap((headers) =>
      bodyIds(operation, theirs).flatMap((ids) =>
        paths(operation, ids).map((where) => requests(operation, where, headers)),
      ),
    ),
  ).filter(({ named }) => named.length > 0);
}

/** An operation whose id stands in the body alone names each in turn. */
function bodyIds(operation: Operation, ids: Ids): Ids[] {
  if (paramsOf(operation).length > 0 || !(operation.id in BODIES)) return [ids];
  const { endpointId = [], unitId = [] } = ids;
  return endpointId.flatMap((endpoint) =>
    unitId.map((unit) => ({ ...ids, endpointId: [endpoint], unitId: [unit] })),
  );
}

/** Things of `named` in each query parameter that takes one, on paths of `inPath`. */
function byQuery(operation: Operation, named: Ids, inPath: Ids): Attempt[] {
  const { id, method } = operation;
  const known = Object.values(named).flat();

  return queryOf(operation).flatMap((name) =>
    paths(operation, inPath).flatMap(({ path }) =>
      (QUERIES[name]?.(named) ?? []).map((value) => ({
        operation: id,
        method,
        headers: {},
        path: `${path}?${new URLSearchParams({ [name]: value })}`,
        named: [
          value,
          ...known.filter((one) => value.includes(one) && one !== value && !isUnitName(one)),
        ],
      })),
    ),
  );
}

/** By query, and by the body of a request whose path is the caller's own. */
export function besideOwn({ theirs, own, usedKey }: Belongings): Attempt[] {
  const queries = OPERATIONS.flatMap((operation) => byQuery(operation, theirs, own));
  const mixed = OPERATIONS.filter(({ id }) => BODIES[id] && !STARTS.has(id)).flatMap((operation) =>
    paths(operation, own).flatMap(({ path, ids }) =>
      headerSets(operation, usedKey).map((headers) => {
        const { sinkId = [], runId = [] } = theirs;
        return requests(operation, { path, named: [], ids: { ...ids, sinkId, runId } }, headers);
      }),
    ),
  );

  const collections = OPERATIONS.filter(
    ({ pathParams }) => "collectionId" in pathParams.shape,
  ).flatMap((operation) =>
    paths(operation, { ...theirs, ...own }).map((where) => {
      const named = where.named.filter((id) => !Object.values(own).flat().includes(id));
      return requests(operation, { ...where, named }, {});
    }),
  );

  return [...queries, ...mixed, ...collections].filter(({ named }) => named.length > 0);
}

/**
 * One request of each operation that names a thing, for its owner: writes name what matters little,
 * with a version that is stale where one is asked for.
 */
export function byOwner({ theirs, harmless }: Pick<Belongings, "theirs" | "harmless">): Attempt[] {
  return NAMING.flatMap((operation) => {
    const headers: Record<string, string> =
      operation.ifMatch === "none" ? {} : { "if-match": '"999"' };
    const ids =
      operation.method === "GET" && operation.role !== "platform" ? firsts(theirs) : harmless;
    const inPath = bodyIds(operation, ids).flatMap((some) =>
      paths(operation, some).map((where) => requests(operation, where, headers)),
    );
    return [...inPath, ...byQuery(operation, ids, ids)]
      .filter(({ named }) => named.length > 0)
      .slice(0, 1);
  });
}

export const firsts = (ids: Ids): Ids =>
  Object.fromEntries(Object.entries(ids).map(([name, all]) => [name, all.slice(0, 1)]));
