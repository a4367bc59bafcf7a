/**
 * Methods of connectors, one item each. A version's are in the partition of its owner: the
 * platform, or the tenant whose own connector it is.
 */
import type { MethodWords } from "../../../core/connector-search.ts";
import type { Tables } from "../client.ts";
import { type ConnectorOwner, keys, methodsPk } from "../keys.ts";
import { deleteItems, removePartition } from "../table/delete-items.ts";
import { findItems } from "../table/find.ts";
import { type Page, type PageRequest, queryPage } from "../table/page.ts";
import { putItems } from "../table/put-items.ts";
import { walk } from "../table/walk.ts";
import { put, remove, write } from "../table/write.ts";
import {
  methodItem,
  methodWordsItem,
  type RegisteredMethod,
  toMethod,
  toMethodWords,
} from "./items.ts";
import { findOwner } from "./owner.ts";

export type { RegisteredMethod } from "./items.ts";

/** A version of a connector, and whose it is. */
interface OwnedVersion {
  /** Null: the platform's. */
  readonly owner: ConnectorOwner;
  readonly connector: string;
  readonly version: string;
}

/**
 * A method of a connector's version as the tenant sees it: of its own connector, if it has one of
 * that name. Undefined for an unknown one, and for another tenant's.
 */
export async function findMethod(
  tables: Tables,
  tenantId: string,
  connector: string,
  version: string,
  name: string,
): Promise<RegisteredMethod | undefined> {
  const [own, platform] = [tenantId, null].map((owner) => ({
    connector: keys.connector(owner, connector, version),
    method: keys.method(owner, connector, version, name),
  })) as [Place, Place];
  const items = await findItems(tables, [own, platform].flatMap(Object.values));

  const find = ({ pk, sk }: Place["method"]) =>
    items.find((item) => item.pk === pk && item.sk === sk);
  const owner = [own, platform].find((place) => find(place.connector));
  const item = owner && find(owner.method);
  return item && toMethod(item);
}

type Place = Record<"connector" | "method", { readonly pk: string; readonly sk: string }>;

/** Methods of a version by name, page by page. Empty for an unknown version. */
export async function listMethods(
  tables: Tables,
  tenantId: string,
  connector: string,
  version: string,
  page: PageRequest,
): Promise<Page<RegisteredMethod>> {
  const owner = await findOwner(tables, tenantId, connector, version);
  if (owner === undefined) return { items: [], next: null };
  const pk = methodsPk(owner, connector, version);
  return queryPage(tables, { pk, prefix: "METHOD#" }, page, toMethod);
}

/** What the methods of these versions are found by, in their order; none for an unknown one. */
export async function readMethodWords(
  tables: Tables,
  versions: readonly OwnedVersion[],
): Promise<MethodWords[][]> {
  const places = versions.map(({ owner, connector, version }) =>
    keys.methodWords(owner, connector, version),
  );
  const items = await findItems(tables, places);
  const found = new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));
  return places.map(({ pk, sk }) => {
    const item = found.get(`${pk} ${sk}`);
    return item ? toMethodWords(item) : [];
  });
}

/**
 * Makes these the methods of a version, whatever it had before. Nobody sees them until the
 * connector's own item is there: it is written after them. Can be repeated.
 */
export async function putMethods(
  tables: Tables,
  { owner, connector, version }: OwnedVersion,
  methods: readonly RegisteredMethod[],
): Promise<void> {
  const names = new Set(methods.map(({ method }) => keys.method(null, "", "", method.name).sk));
  const gone: { pk: string; sk: string }[] = [];
  const partition = { pk: methodsPk(owner, connector, version), attributes: ["pk", "sk"] };
  for await (const { pk, sk } of walk(tables, partition)) {
    if (!names.has(String(sk))) gone.push({ pk: String(pk), sk: String(sk) });
  }

  const items = methods.map((one) => methodItem(owner, connector, version, one));
  const known = methods.map(({ method }) => method);
  await putItems(tables, tables.control, items);
  await deleteItems(tables, tables.control, gone);
  await write(tables, put(tables.control, methodWordsItem(owner, connector, version, known)));
}

/** Removes the methods of a version. Can be repeated. */
export async function removeMethods(
  tables: Tables,
  { owner, connector, version }: OwnedVersion,
): Promise<void> {
  await write(tables, remove(tables.control, keys.methodWords(owner, connector, version)));
  await removePartition(tables, tables.control, methodsPk(owner, connector, version));
}
