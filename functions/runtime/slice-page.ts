import { PageFill } from "../../core/answer-size.ts";
import type { Cursors, ListRequest, Page } from "./page-cursor.ts";

/**
 * A page of a list that is in memory already, ended by count or by bytes; the cursor holds how many
 * came before.
 */
export function slicePage<T>(cursors: Cursors, request: ListRequest, all: readonly T[]): Page<T> {
  const { limit, after = "0" } = cursors.open(request);
  const page = new PageFill<T>(limit);
  for (const one of all.slice(Number(after), Number(after) + limit)) if (!page.take(one)) break;

  const end = Number(after) + page.items.length;
  return cursors.seal(request, { items: page.items, next: end < all.length ? String(end) : null });
}
