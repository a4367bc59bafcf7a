/** Where a document's operations are: https://spec.openapis.org/oas/v3.1.1#server-object */
import { type EgressRules, mayConnect } from "../../../core/egress-guard.ts";
import { cut, listAt, type Node, nodeAt, textAt } from "./document.ts";
import { Refused } from "./refused.ts";

export interface Servers {
  /** Null: an endpoint's config must say it. */
  readonly baseUrl: string | null;
  /** Other addresses that the document names. */
  readonly others: readonly string[];
}

/**
 * The addresses of a document; `given` is the base that its owner says, to which relative ones are
 * relative. Throws `Refused` for addresses that our egress guard does not let through: nobody could
 * call them.
 */
export function readServers(
  document: Node,
  rules: EgressRules,
  given: string | undefined,
): Servers {
  const named = listAt(document, "servers").slice(0, 50).flatMap(addressOf);
  const absolute = named.filter((url) => /^[a-z][a-z0-9+.-]*:/i.test(url));
  const allowed = absolute.filter((url) => isPlain(url) && mayConnect(url, rules));
  if (given !== undefined) return { baseUrl: based(given, named, absolute), others: allowed };

  const [baseUrl, ...others] = allowed;
  if (baseUrl !== undefined) return { baseUrl: trimmed(baseUrl), others: others.map(trimmed) };
  if (named.length === 0) return { baseUrl: null, others: [] };
  const shown = cut(named[0], 200);
  throw new Refused(
    "SERVER",
    absolute.length === 0
      ? `servers names ${shown}, which is relative. Say baseUrl beside the document.`
      : `servers names ${shown}, which must not be called. Say baseUrl beside the document.`,
  );
}

/** Whether operations or paths name servers of their own: their host would be another. */
export const namesServers = (node: Node): boolean => listAt(node, "servers").length > 0;

/** A relative server is a path under the address that was given. */
function based(given: string, named: readonly string[], absolute: readonly string[]): string {
  const [path] = absolute.length === 0 ? named : [];
  const under = path?.startsWith("/") && !path.startsWith("//") && !path.includes("..") ? path : "";
  return trimmed(given) + under.replace(/\/+$/, "");
}

/** Variables stand for their defaults; one without leaves the address out. */
function addressOf(server: unknown): string[] {
  const url = textAt(server, "url");
  if (url === undefined || url.length > 2048) return [];
  const variables = nodeAt(server, "variables");
  let missing = false;
  const filled = url.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = textAt(nodeAt(variables, name), "default");
    missing ||= value === undefined;
    return value ?? "";
  });
  return missing ? [] : [filled];
}

function isPlain(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { search, hash, username, password } = new URL(text);
  return [search, hash, username, password].every((part) => part === "");
}

const trimmed = (url: string) => url.replace(/\/+$/, "");
