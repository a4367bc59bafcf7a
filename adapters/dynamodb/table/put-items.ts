import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Item, Tables } from "../client.ts";
import { allOf } from "./batch.ts";

/** BatchWriteItem takes at most 25, of 16 MB together. */
const AT_ONCE = 25;

/** Stores items that no condition guards, in no order. Each replaces one that has its key. */
export async function putItems(
  tables: Tables,
  table: string,
  items: readonly Item[],
): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    const some = items.slice(at, at + AT_ONCE).map((Item) => ({ PutRequest: { Item } }));

    await allOf(some, async (left) => {
      const request = new BatchWriteCommand({ RequestItems: { [table]: left } });
      const { UnprocessedItems } = await tables.client.send(request);
      return (UnprocessedItems?.[table] ?? []) as typeof some;
    });
  }
}
