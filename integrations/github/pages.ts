/** Pages of lists: docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
import type { Params, VendorAnswer } from "../plugin.ts";
import { listOf } from "../requests/json-messages.ts";
import { integer, text } from "../requests/param-schemas.ts";
import type { QueryValue } from "../requests/vendor-url.ts";

/** Where the next page is said in the link, by number or by place. */
const PLACES = ["page", "after"] as const;

export const PAGE_PARAMS = {
  "perPage?": integer("Items a page.", 1, 100, { default: 30 }),
  "page?": integer("Number of the page, from `nextPage`.", 1, 1_000_000),
  "after?": text("Place of the page, from `nextPage`.", { maxLength: 1024 }),
};

export function pageQuery({ perPage, page, after }: Params): Record<string, QueryValue> {
  return { per_page: (perPage as number) ?? 30, page: page as number, after: after as string };
}

export function pageOf(answer: VendorAnswer) {
  return { items: listOf(answer), nextPage: nextPage(answer.headers.link) };
}

/** The parameters in the link to the next page; the rest of it is the caller's own. */
function nextPage(link: string | undefined): Record<string, string | number> | null {
  const next = (link ?? "").split(",").find((one) => /;\s*rel="?next"?\s*(;|$)/.test(one));
  const address = /<([^<>]{1,4096})>/.exec(next ?? "")?.[1];
  if (address === undefined || !URL.canParse(address)) return null;

  const query = new URL(address).searchParams;
  const found = PLACES.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, placeOf(name, value)] as const];
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}

function placeOf(name: (typeof PLACES)[number], value: string): string | number {
  return name === "page" && /^\d{1,7}$/.test(value) ? Number(value) : value;
}
