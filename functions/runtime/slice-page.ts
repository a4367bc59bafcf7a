import type { Cursors, ListRequest, Page } from "./page-cursor.ts";

/** A page of a list that is in memory already; the cursor holds how many came before. */
export function slicePage<T>(cursors: Cursors, request: ListRequest, all: readonly T[]): Page<T> {
  const { limit, after = "0" } = cursors.open(request);
  const end = Number(after) + limit;
  return cursors.seal(request, { items: all.slice(Number(after), end), next: end < all.length ? String(end) : null });
}
