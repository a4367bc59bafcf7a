import { PageFill } from "../../../core/answer-size.ts";
import type { Tables } from "../client.ts";
import { itemsOf } from "./partition.ts";

export interface Page<T> {
  readonly items: T[];
  /** Continues the list as `after`; null at its end. */
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Of what does not belong on it, a page looks at no more. */
const MOST_LEFT_OUT_BYTES = 5_000_000;

/**
 * One page of the items of a partition whose sort key starts with `prefix`, in its order, read
 * consistently. It ends by count or by bytes, whichever comes first. `keep` leaves out what does
 * not belong; the page is filled all the same, until so much was left out that it may be short, or
 * empty, and still have a `next`.
 */
export async function queryPage<T>(
  tables: Tables,
  partition: { readonly pk: string; readonly prefix: string },
  { limit, after }: PageRequest,
  parse: (item: Record<string, unknown>) => T | Promise<T>,
  keep: (item: T) => boolean = () => true,
): Promise<Page<T>> {
  const page = new PageFill<T>(limit);
  let last = after;
  let leftOut = 0;
  for await (const item of itemsOf(tables, { table: tables.control, ...partition, after })) {
    if (page.isFull) return { items: page.items, next: last ?? null };
    if (leftOut > MOST_LEFT_OUT_BYTES) return { items: page.items, next: last ?? null };
    const one = await parse(item);
    const belongs = keep(one);
    if (belongs && !page.take(one)) return { items: page.items, next: last ?? null };
    if (!belongs) leftOut += JSON.stringify(item).length;
    last = String(item.sk);
  }
  return { items: page.items, next: null };
}

/** All of them: for what is few by nature (units of an endpoint, sinks of a tenant). */
export async function queryAll<T>(
  tables: Tables,
  partition: { readonly pk: string; readonly prefix: string },
  parse: (item: Record<string, unknown>) => T | Promise<T>,
): Promise<T[]> {
  const items: T[] = [];
  for await (const item of itemsOf(tables, { table: tables.control, ...partition }))
    items.push(await parse(item));
  return items;
}
