/** Items of a partition, of a table or of one of its indexes, in the order of their sort keys. */
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Item, Tables } from "../client.ts";
import { INDEX } from "../keys.ts";
import {
  type Condition,
  isAbove,
  isAtLeast,
  isAtMost,
  isBetween,
  matches,
  startsWith,
} from "./condition.ts";
import { type Expression, Terms } from "./expression.ts";

export interface Partition {
  /** Name of the table; `control` when left out. */
  readonly table?: string;
  /**
   * An index of the table, whose partition it is then; what was written this moment may be missing
   * there.
   */
  readonly index?: (typeof INDEX)[keyof typeof INDEX];
  readonly pk: string;
  /** Sort keys that begin so; or that are between these two, which belong to it; or above one. */
  readonly prefix?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly above?: string | undefined;
  /** Of the table itself: goes on after this sort key. */
  readonly after?: string | undefined;
  /** What an item must be, too. The others are read and paid for. */
  readonly where?: Condition | undefined;
  readonly newestFirst?: true;
  /** Attributes to read; all when left out. */
  readonly attributes?: readonly string[];
}

/** What one query answers: at most a megabyte is read, whether or not it has what is wanted. */
export interface Reading {
  readonly items: Item[];
  /** Key of the last item that was read; undefined at the end of the partition. */
  readonly last: Item | undefined;
}

/** Every item, read consistently. What is deleted while it is walked does no harm. */
export async function* walk(tables: Tables, partition: Partition): AsyncGenerator<Item> {
  for await (const { items } of walkReadings(tables, partition)) yield* items;
}

/** The same, query by query: for whoever counts what is read. */
export async function* walkReadings(tables: Tables, partition: Partition): AsyncGenerator<Reading> {
  let last: Item | undefined;
  do {
    const reading = await readSome(tables, partition, { after: last });
    yield reading;
    ({ last } = reading);
  } while (last);
}

/** One query, of at most `limit` items. */
export async function readSome(
  tables: Tables,
  partition: Partition,
  { limit, after }: { readonly limit?: number | undefined; readonly after?: Item | undefined } = {},
): Promise<Reading> {
  const terms = new Terms();
  const { table = tables.control, index, pk, where, newestFirst, attributes } = partition;
  const start = after ?? (partition.after === undefined ? undefined : { pk, sk: partition.after });

  const { Items = [], LastEvaluatedKey } = await tables.client.send(
    new QueryCommand({
      TableName: table,
      ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
      KeyConditionExpression: keyCondition(partition)(terms),
      ...(where && { FilterExpression: where(terms) }),
      ...(attributes && {
        ProjectionExpression: attributes.map((name) => terms.name(name)).join(", "),
      }),
      ...terms.attributes,
      ...(newestFirst && { ScanIndexForward: false }),
      ...(limit !== undefined && { Limit: limit }),
      ...(start && { ExclusiveStartKey: start }),
    }),
  );
  return { items: Items, last: LastEvaluatedKey };
}

const KEY_NAMES = {
  [INDEX.byTime]: ["gsi1pk", "gsi1sk"],
  [INDEX.byUnit]: ["gsi2pk", "gsi2sk"],
  [INDEX.pending]: ["pendingPk", "pendingAt"],
} as const satisfies Record<(typeof INDEX)[keyof typeof INDEX], readonly [string, string]>;

function keyCondition(partition: Partition): Expression {
  const { index, pk } = partition;
  const [hash, sort] = index === undefined ? ["pk", "sk"] : KEY_NAMES[index];
  const conditions = [matches({ [hash]: pk }), ...spanConditions(sort, partition)];
  return (terms) => conditions.map((condition) => condition(terms)).join(" AND ");
}

function spanConditions(sort: string, { prefix, from, to, above }: Partition): Condition[] {
  if (prefix !== undefined) return [startsWith(sort, prefix)];
  if (above !== undefined) return [isAbove(sort, above)];
  if (from !== undefined && to !== undefined) return [isBetween(sort, from, to)];
  if (from !== undefined) return [isAtLeast(sort, from)];
  return to === undefined ? [] : [isAtMost(sort, to)];
}
