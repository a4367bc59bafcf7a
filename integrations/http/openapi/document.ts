/** A parsed document, looked at without trusting its shape. */
import { BOUNDS } from "./bounds.ts";
import { Refused } from "./refused.ts";

export type Node = Readonly<Record<string, unknown>>;

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A member that is the node's own: `constructor` and the like are none. */
export const member = (node: unknown, name: string): unknown =>
  isNode(node) && Object.hasOwn(node, name) ? node[name] : undefined;

export const nodeAt = (node: unknown, name: string): Node => {
  const found = member(node, name);
  return isNode(found) ? found : {};
};

export const listAt = (node: unknown, name: string): readonly unknown[] => {
  const found = member(node, name);
  return Array.isArray(found) ? found : [];
};

export function textAt(node: unknown, name: string): string | undefined {
  const found = member(node, name);
  return typeof found === "string" ? found.toWellFormed() : undefined;
}

/** The text at most so long, without control characters. */
export const cut = (text: string | undefined, most: number): string =>
  (text ?? "")
    .slice(0, most + 1)
    .replaceAll(/[^\P{Cc}\n]/gu, " ")
    .slice(0, most)
    .toWellFormed();

/**
 * The node itself, or what it refers to. Throws `Refused` for another document's, for one that is
 * not there, and for a circle.
 */
export function resolved(document: Node, value: unknown): unknown {
  let found = value;
  for (let step = 0; step <= BOUNDS.refChain; step++) {
    const ref = textAt(found, "$ref");
    if (ref === undefined) return found;
    found = pointed(document, ref);
  }
  throw new Refused("BROKEN_REF", "References lead to one another without end.");
}

/** What a local reference points at. */
export function pointed(document: Node, ref: string): unknown {
  const shown = cut(ref, 200);
  if (!ref.startsWith("#")) {
    throw new Refused(
      "EXTERNAL_REF",
      `${shown} is another document. Bundle all into one document first.`,
    );
  }

  let found: unknown = document;
  for (const name of partsOf(ref)) {
    found = Array.isArray(found) ? found[Number(name)] : member(found, name);
    if (found === undefined) throw new Refused("BROKEN_REF", `${shown} points at nothing.`);
  }
  return found;
}

function partsOf(ref: string): string[] {
  if (ref === "#") return [];
  if (!ref.startsWith("#/"))
    throw new Refused("BROKEN_REF", `${cut(ref, 200)} is no JSON pointer, for example #/a/b.`);
  try {
    const parts = decodeURIComponent(ref.slice(2)).split("/");
    return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    throw new Refused("BROKEN_REF", `${cut(ref, 200)} is no JSON pointer, for example #/a/b.`);
  }
}
