import { DEEPEST } from "./json-bounds.ts";

/**
 * What parsed JSON may hold so that every store of ours can keep it and give the same back;
 * undefined when all is well.
 */
export function jsonFault(value: unknown, depth = 0): string | undefined {
  if (typeof value === "number") return numberFault(value);
  if (typeof value === "string") return textFault(value);
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === DEEPEST) return `is nested deeper than ${DEEPEST}. Flatten it`;
  for (const [name, inner] of Object.entries(value)) {
    if (name === "" || name === "__proto__")
      return "has a property without a usable name. Rename it";
    const fault = textFault(name) ?? jsonFault(inner, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

/** Half of a pair stands for no character: stores of UTF-8 refuse it, or give another text back. */
function textFault(text: string): string | undefined {
  return text.isWellFormed()
    ? undefined
    : "has a text with half of a surrogate pair. Send whole characters";
}

function numberFault(value: number): string | undefined {
  const size = Math.abs(value);
  if (size <= Number.MAX_SAFE_INTEGER && (size === 0 || size >= 1e-100)) return undefined;
  return "has a number outside what can be kept exactly. Send it as a string";
}
