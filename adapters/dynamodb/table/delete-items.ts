import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Tables } from "../client.ts";
import type { Key } from "../keys.ts";
import { allOf } from "./batch.ts";
import { walk } from "./walk.ts";

/** BatchWriteItem takes at most 25. */
const AT_ONCE = 25;

/** Deletes items of one table by key; those that are gone already are no error. */
export async function deleteItems(
  tables: Tables,
  table: string,
  items: readonly Partial<Key>[],
): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    const some = items
      .slice(at, at + AT_ONCE)
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));

    await allOf(some, async (left) => {
      const request = new BatchWriteCommand({ RequestItems: { [table]: left } });
      const { UnprocessedItems } = await tables.client.send(request);
      return (UnprocessedItems?.[table] ?? []) as typeof some;
    });
  }
}

const DELETED_AT_ONCE = 1000;

/** Removes every item of a partition, but the one with the sort key `last`. */
export async function removePartition(
  tables: Tables,
  table: string,
  pk: string,
  last?: string,
): Promise<void> {
  let found: Partial<Key>[] = [];
  for await (const item of walk(tables, { table, pk, attributes: ["pk", "sk"] })) {
    if (item.sk !== last) found.push(item);
    if (found.length < DELETED_AT_ONCE) continue;
    await deleteItems(tables, table, found);
    found = [];
  }

  await deleteItems(tables, table, found);
}
