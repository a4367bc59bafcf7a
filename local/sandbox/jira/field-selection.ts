import { FIELDS } from "./catalogue.ts";

/** Which fields an answer shows. */
export type FieldSelection = {
  /** The same for equal selections: what rendered bytes are kept under. */
  cacheKey: string;
  shows: (field: string) => boolean;
  /** Whether anything beyond `id` and `key` is asked for; such pages are capped at 100. */
  wantsMore: boolean;
  wantsKey: boolean;
};

export type DefaultFields = "id" | "*navigable" | "*all";

const HIDDEN_BY_NAVIGABLE = new Set(
  FIELDS.filter(({ navigable }) => !navigable).map(({ id }) => id),
);

/**
 * Reads Jira's `fields`: names, `*all`, `*navigable`, `-name`. Only exclusions mean "the default,
 * less these".
 */
export function selectFields(asked: readonly string[], fallback: DefaultFields): FieldSelection {
  const names = asked.map((name) => name.trim()).filter((name) => name !== "");
  const included = new Set(names.filter((name) => !name.startsWith("-")));
  const excluded = new Set(
    names.filter((name) => name.startsWith("-")).map((name) => name.slice(1)),
  );
  if (included.size === 0)
    included.add(fallback === "id" && excluded.size > 0 ? "*navigable" : fallback);

  return {
    cacheKey:
      [...included].toSorted().join() +
      [...excluded]
        .toSorted()
        .map((name) => `-${name}`)
        .join(""),
    shows: (field) => !excluded.has(field) && isIncluded(field, included),
    wantsMore: [...included].some((name) => !["id", "key", "issuekey"].includes(name)),
    wantsKey: [...included].some((name) => name !== "id"),
  };
}

function isIncluded(field: string, included: ReadonlySet<string>): boolean {
  return (
    included.has("*all") ||
    (included.has("*navigable") && !HIDDEN_BY_NAVIGABLE.has(field)) ||
    included.has(field)
  );
}
