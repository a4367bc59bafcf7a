import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Tables } from "../client.ts";
import type { Key } from "../keys.ts";

/** BatchWriteItem takes at most 25. */
const AT_ONCE = 25;

/** Deletes items of one table by key; those that are gone already are no error. */
export async function deleteItems(
  tables: Tables,
  table: string,
  items: readonly Partial<Key>[],
): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    let left = items
      .slice(at, at + AT_ONCE)
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
    while (left.length > 0) {
      const { UnprocessedItems } = await tables.client.send(
        new BatchWriteCommand({ RequestItems: { [table]: left } }),
      );
      left = (UnprocessedItems?.[table] ?? []) as typeof left;
    }
  }
}
