/** The options of a command, read from the schemas of its operation's query and body. */
import * as z from "zod";
import type { Command } from "./commands.ts";
import { OPTION_REFERENCES, REFERENCES } from "./references.ts";

export interface Field {
  readonly name: string;
  readonly in: "query" | "body";
  /** Without dashes: `primary-keys`; `sink` for `sinkId`, since a name will do. */
  readonly flag: string;
  /** What the parser keeps it under. */
  readonly attribute: string;
  readonly kind: "text" | "integer" | "boolean" | "choice" | "time" | "json";
  readonly choices: readonly string[];
  readonly nullable: boolean;
  readonly required: boolean;
  readonly description: string;
  readonly defaultValue: unknown;
  /** Text as long as a document: may come from a file. */
  readonly isLong: boolean;
}

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly format?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly maxLength?: number;
}

const LONG_TEXT = 10_000;

/** Query first, then body; fields that are given as arguments are left out. */
export function fieldsOf(command: Command): Field[] {
  const { query, body } = command.operation;
  return [...fieldsIn(query, "query"), ...fieldsIn(body, "body")].filter(
    ({ name }) => !command.args.includes(name),
  );
}

export function hasBody(command: Command): boolean {
  return !(command.operation.body instanceof z.ZodUndefined);
}

export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The option of a field: what names a thing is called after the thing. */
export function optionOf(name: string): string {
  return OPTION_REFERENCES.includes(name) ? (REFERENCES[name]?.word ?? name) : flagOf(name);
}

function fieldsIn(schema: z.ZodType, place: Field["in"]): Field[] {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
  const object = resolve(root, root);
  return Object.entries(object.properties ?? {}).map(([name, property]) =>
    fieldOf(name, place, resolve(property, root), object.required?.includes(name) ?? false),
  );
}

function fieldOf(name: string, place: Field["in"], schema: Schema, required: boolean): Field {
  const options = schema.anyOf ?? [schema];
  const real = options.filter(({ type }) => type !== "null");
  const type = (real.length === 1 ? real[0] : undefined) ?? {};
  return {
    name,
    in: place,
    flag: optionOf(name),
    attribute: OPTION_REFERENCES.includes(name) ? optionOf(name) : name,
    kind: kindOf(type),
    choices: (type.enum ?? []).map(String),
    nullable: real.length < options.length,
    required,
    description: schema.description ?? type.description ?? "",
    defaultValue: schema.default,
    isLong: (type.maxLength ?? 0) >= LONG_TEXT,
  };
}

function kindOf({ type, enum: values, format }: Schema): Field["kind"] {
  if (values) return "choice";
  if (format === "date-time") return "time";
  if (type === "integer" || type === "boolean") return type;
  return type === "string" ? "text" : "json";
}

function resolve(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  const target = name === undefined ? undefined : root.$defs?.[name];
  return target
    ? { ...target, ...(schema.description ? { description: schema.description } : {}) }
    : schema;
}
