/**
 * A refusal for people: title, what happened with the remedy, each fault, who asked where, and what
 * support will ask for.
 */
import type { Problem } from "../schemas/error.ts";
import { optionOf as flagOf } from "./fields.ts";
import { printable } from "./printable.ts";
import { inCommands, type Known } from "./remedy.ts";
import type { Target } from "./target.ts";
import { tokenFacts } from "./token.ts";

export function problemText(
  problem: Problem,
  target: Target | undefined,
  known: Known = {},
  now = new Date(),
): string {
  const { title, detail, code, errors, details, requestId } = problem;
  return [
    `error: ${title}${code ? ` (${code})` : ""}`,
    `  ${inCommands(detail, known)}`,
    ...(errors ?? []).map(
      ({ path, message }) => `  - ${optionOf(path)}: ${inCommands(message, known)}`,
    ),
    ...Object.entries(details ?? {}).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    ...(target ? askedText(problem.status, target, now).map((line) => `  ${line}`) : []),
    ...(requestId ? [`  request ${requestId}`] : []),
  ]
    .map(printable)
    .join("\n");
}

/**
 * Whether the deployment or the person may be the wrong one: with a token, a role or an id that is
 * not known there.
 */
function askedText(status: number, target: Target, now: Date): string[] {
  const { source, token, apiUrl, renewal } = target;
  const facts = tokenFacts(token);
  if (status === 401) {
    const { expiresAt } = facts ?? {};
    const expired = expiresAt !== undefined && expiresAt < now;
    if (token === null) return [`No token was sent: ${source} has none. ${renewal}`];
    const since = expired
      ? ` It expired at ${expiresAt.toISOString().replace("T", " ").slice(0, 19)}Z.`
      : "";
    return [`The token came from ${source}.${since} ${renewal}`];
  }
  if (status === 403) {
    const roles =
      facts && facts.roles.length > 0 ? `, with the role ${facts.roles.join(" and ")}` : "";
    return [
      `You asked as ${facts?.name ?? "somebody"} of ${source}${roles}. ` +
        "Others: `inlet profile list`.",
    ];
  }
  return status === 404 && target.isProfile
    ? [`You asked ${source}, ${apiUrl}. Others: \`inlet profile list\`.`]
    : [];
}

/** `body.policy.primaryKeys` → `--policy (primaryKeys)`: the place as it was typed. */
function optionOf(path: string): string {
  const [, field, rest] = /^(?:body|query)\.([A-Za-z]\w*)(?:\.(.+))?$/.exec(path) ?? [];
  return field ? `--${flagOf(field)}${rest ? ` (${rest})` : ""}` : path;
}
