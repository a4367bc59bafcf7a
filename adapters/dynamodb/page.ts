import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Tables } from "./client.ts";

export interface Page<T> {
  readonly items: T[];
  /** Continues the list as `after`; null at its end. */
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

/**
 * One page of the items of a partition whose sort key starts with `prefix`, in its order, read consistently. `keep` leaves
 * out what does not belong; the page is filled all the same.
 */
export async function queryPage<T>(
  tables: Tables,
  partition: { readonly pk: string; readonly prefix: string },
  { limit, after }: PageRequest,
  parse: (item: Record<string, unknown>) => T,
  keep: (item: T) => boolean = () => true,
): Promise<Page<T>> {
  const items: T[] = [];
  let start = after;
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await tables.client.send(
      new QueryCommand({
        TableName: tables.control,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: { ":pk": partition.pk, ":prefix": partition.prefix },
        ConsistentRead: true,
        ...(start !== undefined && { ExclusiveStartKey: { pk: partition.pk, sk: start } }),
      }),
    );
    for (const [at, item] of Items.entries()) {
      const one = parse(item);
      if (!keep(one)) continue;
      items.push(one);
      const more = at < Items.length - 1 || LastEvaluatedKey !== undefined;
      if (items.length === limit) return { items, next: more ? String(item.sk) : null };
    }
    if (LastEvaluatedKey === undefined) return { items, next: null };
    start = String(LastEvaluatedKey.sk);
  }
}

/** All of them: for what is few by nature (units of an endpoint, sinks of a tenant). */
export async function queryAll<T>(
  tables: Tables,
  partition: { readonly pk: string; readonly prefix: string },
  parse: (item: Record<string, unknown>) => T,
): Promise<T[]> {
  const { items } = await queryPage(tables, partition, { limit: Number.MAX_SAFE_INTEGER }, parse);
  return items;
}
