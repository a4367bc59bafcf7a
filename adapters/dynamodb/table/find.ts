import { BatchGetCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Item, Tables } from "../client.ts";
import type { Key } from "../keys.ts";
import { allOf } from "./batch.ts";

interface Reading {
  /** Name of the table; `control` when left out. */
  readonly table?: string;
  /** Of what never changes: half the price, and what was written this moment may be missing. */
  readonly eventually?: true;
}

interface BatchReading extends Reading {
  /** What DynamoDB leaves undone is left out, not waited for. */
  readonly once?: true;
}

/** One item, read consistently; undefined when there is none. */
export async function findItem(
  tables: Tables,
  { pk, sk }: Key,
  { table = tables.control, eventually }: Reading = {},
): Promise<Item | undefined> {
  const { Item } = await tables.client.send(
    new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: !eventually }),
  );
  return Item;
}

/** BatchGetItem takes at most 100. */
const AT_ONCE = 100;

/** Those of the keys that have an item, in no order. */
export async function findItems(
  tables: Tables,
  keys: readonly Key[],
  { table = tables.control, eventually, once }: BatchReading = {},
): Promise<Item[]> {
  const found: Item[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE).map(({ pk, sk }): Item => ({ pk, sk }));
    await allOf(some, async (Keys) => {
      const RequestItems = { [table]: { Keys, ConsistentRead: !eventually } };
      const answer = await tables.client.send(new BatchGetCommand({ RequestItems }));
      found.push(...(answer.Responses?.[table] ?? []));
      return once ? [] : (answer.UnprocessedKeys?.[table]?.Keys ?? []);
    });
  }

  return found;
}
