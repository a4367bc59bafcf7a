/** A refusal for people: title, what happened with the remedy, each fault, and what support will ask for. */
import type { Problem } from "../schemas/error.ts";
import { flagOf } from "./fields.ts";
import { printable } from "./printable.ts";

export function problemText(problem: Problem, source: string): string {
  const { status, title, detail, code, errors, details, requestId } = problem;
  return [
    `error: ${title}${code ? ` (${code})` : ""}`,
    `  ${detail}`,
    ...(errors ?? []).map(({ path, message }) => `  - ${optionOf(path)}: ${message}`),
    ...Object.entries(details ?? {}).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    ...(status === 401 ? [`  The token came from ${source}.`] : []),
    ...(requestId ? [`  request ${requestId}`] : []),
  ]
    .map(printable)
    .join("\n");
}

/** `body.policy.primaryKeys` → `--policy (primaryKeys)`: the place as it was typed. */
function optionOf(path: string): string {
  const [, field, rest] = /^(?:body|query)\.([A-Za-z]\w*)(?:\.(.+))?$/.exec(path) ?? [];
  return field ? `--${flagOf(field)}${rest ? ` (${rest})` : ""}` : path;
}
