/**
 * The API's texts name its own operations; a person at the command line wants the command that does
 * the same.
 */
import { COMMANDS, type Command } from "./commands.ts";
import { flagOf, optionOf } from "./fields.ts";
import { argumentOf } from "./references.ts";

/** What was typed for each argument, to be filled in: `{endpointId: "jira"}`. */
export type Known = Readonly<Record<string, string>>;

const PATH = String.raw`(\/[A-Za-z0-9_{}/.-]*[A-Za-z0-9_}])(\?[\w=&]*)?`;
const SWITCH = String.raw`( with (\w+): (\w+))?`;
const CALL = new RegExp(String.raw`\b(GET|POST|PUT|PATCH|DELETE) ${PATH}${SWITCH}`, "g");
const HEADERS: readonly (readonly [RegExp, string])[] = [
  [/\bIf-Match\b/g, "--if-match"],
  [/\bIdempotency-Key\b/g, "--idempotency-key"],
];

/**
 * `List them: GET /sinks.` → `List them: \`inlet sinks list\`.` What is not an operation stays
 * as it is.
 */
export function inCommands(text: string, known: Known = {}): string {
  const called = text.replace(CALL, (whole, method, path, query, _, field, value) => {
    const command = commandAt(method, path);
    if (!command) return whole;
    const options = optionsOf(query, field, value);
    const words = ["inlet", ...command.words, ...argumentsOf(command, known), ...options];
    return `\`${words.join(" ")}\``;
  });
  return HEADERS.reduce(
    (said, [header, option]) => said.replace(header, option),
    called,
  ).replaceAll("``", "`");
}

function commandAt(method: string, path: string): Command | undefined {
  const shape = (template: string) => template.replace(/\{\w+\}/g, "{}");
  return COMMANDS.find(
    ({ operation }) => operation.method === method && shape(operation.path) === shape(path),
  );
}

function argumentsOf({ args }: Command, known: Known): string[] {
  return args.map((name) => quoted(known[name] ?? argumentOf(name).toUpperCase()));
}

/** Of a query, what has a value; of `with enabled: true`, the switch. */
function optionsOf(
  query: string | undefined,
  field: string | undefined,
  value: string | undefined,
): string[] {
  const asked = [...new URLSearchParams(query ?? "")].filter(([, given]) => given !== "");
  const switched =
    field === undefined ? [] : [value === "false" ? `--no-${flagOf(field)}` : `--${flagOf(field)}`];
  const isSwitch = value === "true" || value === "false";
  return [
    ...asked.map(([name, given]) => `--${optionOf(name)} ${quoted(given)}`),
    ...switched,
    ...(field === undefined || isSwitch ? [] : [quoted(String(value))]),
  ];
}

function quoted(word: string): string {
  return /^[\w.:@/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
