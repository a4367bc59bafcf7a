/**
 * From arguments and options to an input that keeps the operation's contract: pure, and refused
 * before anything is sent.
 */
import type * as z from "zod";
import type { AnyInput } from "../client/request.ts";
import { faultText } from "../schemas/fault-text.ts";
import type { RunStatus } from "../schemas/run.ts";
import type { Command } from "./commands.ts";
import { fieldsOf, hasBody, optionOf } from "./fields.ts";
import { argumentOf, REFERENCES } from "./references.ts";
import { UsageError } from "./usage-error.ts";
import { type ReadText, readJson, readSchedule, readValue } from "./values.ts";

/**
 * What `runs list --failed` asks for: a run that ended with less than the source has, or that
 * nobody should trust.
 */
export const FAILED: readonly RunStatus[] = ["FAILED", "PARTIAL", "SUSPICIOUS"];

export type Typed = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

/** What was typed, by where it goes. */
export interface Values {
  readonly path: Fields;
  readonly query: Fields;
  readonly body: Fields | undefined;
}

/**
 * Throws UsageError, naming each option that does not fit; a name is looked up later and fits here.
 */
export function valuesOf(
  command: Command,
  args: readonly string[],
  typed: Typed,
  readText: ReadText,
): Values {
  const values = readValues(command, args, typed, readText);
  const { path, query, body } = values;
  check(command, { path: sampled(path), query: sampled(query), body: body && sampled(body) });
  return values;
}

/** Throws UsageError when the contract refuses the values. */
export function inputOf(command: Command, values: Values, typed: Typed): AnyInput {
  check(command, values);
  const { operation } = command;
  const { ifMatch, idempotencyKey, respondAsync } = typed;
  return {
    ...values,
    ...(operation.ifMatch !== "none" && typeof ifMatch === "string" ? { ifMatch } : {}),
    ...(operation.idempotencyKey && typeof idempotencyKey === "string" ? { idempotencyKey } : {}),
    ...(operation.respondAsync && respondAsync === true ? { respondAsync } : {}),
  };
}

function check(command: Command, { path, query, body }: Values): void {
  const { operation, args, words } = command;
  const placeOf = (name: string) =>
    args.includes(name) ? `<${argumentOf(name)}>` : `--${optionOf(name)}`;
  const faults = [
    ...faultsOf(operation.pathParams, path, placeOf),
    ...faultsOf(operation.query, query, placeOf),
    ...(body ? faultsOf(operation.body, body, placeOf) : []),
  ];
  if (faults.length > 0) {
    throw new UsageError(
      `The request is not valid. See \`inlet ${words.join(" ")} --help\`.`,
      faults,
    );
  }
}

/** References as ids that fit: what they name is not known yet. */
function sampled(fields: Fields): Fields {
  const isName = ([name, value]: [string, unknown]) =>
    typeof value === "string" && value !== "" && name in SAMPLES;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isName([name, value]) ? SAMPLES[name] : value,
    ]),
  );
}

const SAMPLES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(REFERENCES).map(([name, { sample }]) => [name, sample])),
  scope: "x",
};

function readValues(
  command: Command,
  args: readonly string[],
  typed: Typed,
  readText: ReadText,
): Values {
  const path: Record<string, unknown> = {};
  const query: Record<string, unknown> = {};
  const whole = typeof typed.body === "string" ? readJson("body", typed.body, readText) : {};
  if (typeof whole !== "object" || whole === null || Array.isArray(whole)) {
    throw new UsageError("--body: is no JSON object. Write it in braces.");
  }
  const body: Record<string, unknown> = { ...whole };
  command.args.forEach((name, at) => {
    (command.operation.path.includes(`{${name}}`) ? path : body)[name] = args[at];
  });
  for (const field of fieldsOf(command)) {
    const given = typed[field.attribute] ?? typed[field.name];
    if (given === undefined) continue;
    (field.in === "query" ? query : body)[field.name] = readValue(field, given, readText);
  }
  if (typed.failed) query.status = FAILED.join(",");
  if (typeof query.status === "string") query.status = query.status.toUpperCase();
  if (typeof typed.schedule === "string") Object.assign(body, readSchedule(typed.schedule));
  return { path, query, body: hasBody(command) ? body : undefined };
}

function faultsOf(schema: z.ZodType, value: unknown, name: (field: string) => string): string[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map((issue) => {
    const { path } = issue;
    const [field, ...rest] = path.map(String);
    const place =
      field === undefined ? "" : `${name(field)}${rest.length > 0 ? ` (${rest.join(".")})` : ""}: `;
    return place + faultText(issue);
  });
}
