import { firstThatFit, PAGE_BYTES, PageFill } from "../../../core/answer-size.ts";
import type { Item, Tables } from "../client.ts";
import { type Partition, readSome, walk } from "./walk.ts";

export interface Page<T> {
  readonly items: T[];
  /** Continues the list as `after`; null at its end. */
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

type Parse<T> = (item: Item) => T | Promise<T>;

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
  parse: Parse<T>,
  keep: (item: T) => boolean = () => true,
): Promise<Page<T>> {
  const page = new PageFill<T>(limit);
  let last = after;
  let leftOut = 0;
  for await (const item of walk(tables, { ...partition, after })) {
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

/** One page of an index. `placeOf` an item is what the next page is asked with as `after`. */
export async function indexPage<T>(
  tables: Tables,
  partition: Partition,
  limit: number,
  parse: (item: Item) => T,
  placeOf: (one: T) => string,
): Promise<Page<T>> {
  const { items, last } = await readSome(tables, partition, { limit });
  const fitting = firstThatFit(items.map(parse), PAGE_BYTES);
  const lastShown = fitting.at(-1);
  const more = last !== undefined || fitting.length < items.length;
  return { items: fitting, next: more && lastShown ? placeOf(lastShown) : null };
}

/** All of them: for what is few by nature (units of an endpoint, sinks of a tenant). */
export async function listAll<T>(
  tables: Tables,
  partition: Partition,
  parse: Parse<T>,
): Promise<T[]> {
  const items: T[] = [];
  for await (const item of walk(tables, partition)) items.push(await parse(item));
  return items;
}
