import type { Route } from "./answer.ts";

/**
 * The route of a path and the values of its `{name}` parts, of which a last `{+name}` takes all
 * that is left; `"method"` if only the method is wrong.
 */
export function findRoute<State>(
  routes: readonly Route<State>[],
  method: string,
  path: string,
): { route: Route<State>; path: Record<string, string> } | "method" | undefined {
  const parts = path.split("/");
  let otherMethod = false;

  for (const route of routes) {
    const values = matchParts(route.path.split("/"), parts);
    if (values === undefined) continue;
    if (route.method === method) return { route, path: values };
    otherMethod = true;
  }

  return otherMethod ? "method" : undefined;
}

function matchParts(
  pattern: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const rest = /^\{\+(\w+)\}$/.exec(pattern.at(-1) ?? "")?.[1];
  if (rest === undefined ? pattern.length !== parts.length : pattern.length > parts.length)
    return undefined;
  const values: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (expected.startsWith("{+")) return { ...values, [rest ?? ""]: parts.slice(index).join("/") };
    if (expected.startsWith("{")) values[expected.slice(1, -1)] = part;
    else if (expected !== part) return undefined;
  }
  return values;
}
