/** Addresses of a vendor's API, made so that no parameter can leave its place in them. */
import { DomainError } from "../../schemas/errors.ts";
import type { Params } from "../plugin.ts";

export type QueryValue = string | number | boolean | readonly string[] | null | undefined;

/**
 * The address of `template` below an endpoint's `base`, for example `/issue/{issueIdOrKey}`. A
 * parameter fills one part of the path, `{+path}` several. In the query a list repeats its name,
 * and null and undefined are left out. Throws `VALIDATION_ERROR` for a value that would be another
 * address, and `CONFIG_INVALID` for a base that is no plain web address.
 */
export function vendorUrl(
  base: string,
  template: string,
  params: Params,
  query: Readonly<Record<string, QueryValue>> = {},
): string {
  const path = template.replaceAll(/\{(\+?)(\w+)\}/g, (_, several: string, name: string) =>
    several ? partsOf(name, params[name]) : partOf(name, params[name]),
  );
  const search = searchOf(query);

  return `${plainBase(base)}${path}${search === "" ? "" : `?${search}`}`;
}

function plainBase(base: string): string {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  const plain =
    url !== undefined &&
    ["http:", "https:"].includes(url.protocol) &&
    [url.username, url.password, url.search, url.hash].every((part) => part === "");
  if (plain) return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;

  throw new DomainError(
    "CONFIG_INVALID",
    "The endpoint's address must be a web address without account, query and fragment. " +
      "Correct the endpoint's config.",
  );
}

function partsOf(name: string, value: unknown): string {
  if (typeof value !== "string") throw unfit(name, "is required");
  return value
    .split("/")
    .map((part) => partOf(name, part))
    .join("/");
}

/** One part of a path. Servers differ in what they make of `..` and of an encoded slash. */
function partOf(name: string, value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number") throw unfit(name, "is required");
  const text = String(value);

  if (text === "" || text === "." || text === "..")
    throw unfit(name, "must not be empty, and no part of it may be `.` or `..`");
  if (/[/\\\p{Cc}]/u.test(text))
    throw unfit(name, "must not hold a slash where it is one part of the address, or a control");
  if (!text.isWellFormed()) throw unfit(name, "must hold whole characters");
  return encodeURIComponent(text);
}

function searchOf(query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams();

  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      const text = String(one);
      if (!text.isWellFormed()) throw unfit(name, "must hold whole characters");
      search.append(name, text);
    }
  }

  return search.toString();
}

/** What a schema cannot say of a parameter, or what its schema would have refused. */
export function unfit(name: string, message: string): DomainError {
  return new DomainError("VALIDATION_ERROR", `The parameter ${name} ${message}. Correct it.`, {
    errors: [{ path: name, message }],
  });
}
