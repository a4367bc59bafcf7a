import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Tables } from "../client.ts";
import type { INDEX } from "../keys.ts";
import { deleteItems } from "./delete-items.ts";

const DELETED_AT_ONCE = 1000;

export interface Partition {
  /** Name of the table. */
  readonly table: string;
  readonly pk: string;
  /** Of the sort key. */
  readonly prefix?: string;
  /** Sort keys from this one on, instead of a prefix. */
  readonly from?: string;
  /**
   * An index of the table, whose `pk` it is then; what was written this moment may be missing
   * there.
   */
  readonly index?: typeof INDEX.byTime | typeof INDEX.byUnit;
  /** Of the table itself: sort keys after this one. */
  readonly after?: string | undefined;
  /** Attributes to read; all when left out. */
  readonly projection?: string;
}

/**
 * Every item of a partition, page by page, read consistently. What is deleted while it is walked
 * does no harm.
 */
export async function* itemsOf(
  tables: Tables,
  partition: Partition,
): AsyncGenerator<Record<string, unknown>> {
  const { table, pk, prefix, from, index, projection, after } = partition;
  const [hash, range] = {
    none: ["pk", "sk"],
    by_time: ["gsi1pk", "gsi1sk"],
    by_unit: ["gsi2pk", "gsi2sk"],
  }[index ?? "none"] as [string, string];
  const sort = prefix ?? from;
  const matches = prefix === undefined ? `${range} >= :sort` : `begins_with(${range}, :sort)`;
  let ExclusiveStartKey: Record<string, unknown> | undefined =
    after === undefined ? undefined : { pk, sk: after };
  do {
    const page = await tables.client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression:
          sort === undefined ? `${hash} = :pk` : `${hash} = :pk AND ${matches}`,
        ExpressionAttributeValues: { ":pk": pk, ...(sort !== undefined && { ":sort": sort }) },
        ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
        ...(projection !== undefined && { ProjectionExpression: projection }),
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    yield* page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

/** Removes every item of a partition, but the one with the sort key `last`. */
export async function removePartition(
  tables: Tables,
  table: string,
  pk: string,
  last?: string,
): Promise<void> {
  let found: Record<string, unknown>[] = [];
  for await (const item of itemsOf(tables, { table, pk, projection: "pk, sk" })) {
    if (item.sk !== last) found.push(item);
    if (found.length < DELETED_AT_ONCE) continue;
    await deleteItems(tables, table, found);
    found = [];
  }
  await deleteItems(tables, table, found);
}
