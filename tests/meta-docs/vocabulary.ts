/**
 * All that the code has names for, read from the manifest, the contracts, the names, the API and
 * the file system.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, isInputObjectType, isObjectType } from "graphql";
import { INDEX, keys } from "../../adapters/dynamodb/keys.ts";
import { KB_SINK } from "../../core/unit-config-rules.ts";
import { Manifest } from "../../schemas/connector.ts";
import { ERRORS } from "../../schemas/errors.ts";
import { CONTRACT } from "../../schemas/graphql/contract.ts";
import { METADATA_TYPE } from "../../schemas/knowledge-node.ts";
import { ACTIVITY, ENV, PREFIX, TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import { ACTIVE_STATUS, FINAL_STATUS } from "../../schemas/run.ts";
import { Mode } from "../../schemas/scalars.ts";

export const root = join(import.meta.dirname, "../..");
export const text = (path: string) => readFileSync(join(root, path), "utf8");
const json = (path: string) => JSON.parse(text(path));

export const { connectors } = Manifest.parse(json("schemas/json/manifest.json"));
/** `INLET_CONTROL_TABLE` is what tells a process where `control` is. */
const storesNamed = (kind: "Table" | "Bucket") =>
  Object.keys(ENV).flatMap((name) => (name.endsWith(kind) ? [name.slice(0, -kind.length)] : []));
export const tables = storesNamed("Table");
export const buckets = storesNamed("Bucket");

const units = connectors.flatMap((one) => one.units);
const python = globSync("python-worker/src/*/**/*.py", { cwd: root });
const PORTS = /\/inlet_sdk\/ports\//;
const found = (files: string[], pattern: RegExp) =>
  files.flatMap((file) => [...text(file).matchAll(pattern)].map(([, name = ""]) => name));

/** Sets are asked in this order; the first that has a word names its kind. */
const WORDS: Record<string, Set<string>> = {
  connector: new Set(connectors.map(({ name }) => name)),
  auth: new Set(connectors.flatMap(({ authTypes }) => authTypes)),
  store: new Set([...tables, ...buckets, ...Object.values(INDEX)]),
  provider: new Set(
    found(["python-worker/src/inlet_worker/staging/registry.py"], /^ {4}"(\w+)": _\w+,$/gm),
  ),
  "knowledge base": new Set([KB_SINK]),
  workflow: new Set(Object.values(WORKFLOW)),
  activity: new Set([...Object.values(ACTIVITY.typescript), ...Object.values(ACTIVITY.python)]),
  graphql: new Set(graphqlNames()),
  field: new Set([
    ...contractNames(),
    ...units.flatMap(({ defaultPolicy }) => Object.values(defaultPolicy).flat()),
  ] as string[]),
  python: new Set([
    ...found(python, /^class (\w+)/gm),
    ...found(
      python.filter((file) => file.includes("/pipeline/")),
      /^def ([a-z]\w*)/gm,
    ),
    ...found(
      python.filter((file) => PORTS.test(file)),
      /^ {4}(?:def )?([a-z]\w*)[(:]/gm,
    ),
  ]),
};
const CODES = new Set<string>([
  ...Object.keys(ERRORS),
  ...ACTIVE_STATUS,
  ...FINAL_STATUS,
  ...Mode.options,
  ...enumValues(json("schemas/json/contracts.json")),
  ...found(python, /\bEvidence\(\s*"([A-Z_]+)"/g),
  ...found(["core/knowledge-edges.ts"], /^ {2}([A-Z_]+): "/gm),
]);
const DOTTED: Record<string, Set<string>> = {
  connector: new Set(connectors.map(({ name }) => name)),
  capability: new Set(connectors.flatMap(({ capabilities }) => capabilities)),
  unit: new Set(units.map(({ unitId }) => unitId)),
  node: new Set(METADATA_TYPE),
};
const OPERATIONS = new Set(
  Object.entries<object>(json("schemas/json/openapi.json").paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  ),
);
const COMMANDS = new Set([
  ...Object.keys(json("package.json").scripts).map((name) => `npm run ${name}`),
  ...found(["python-worker/src/inlet_worker/__main__.py"], /add_parser\(\s*"(\w+)"/g).map(
    (c) => `python -m inlet_worker ${c}`,
  ),
]);
const ITEMS = new Set(
  Object.values(keys).map(
    (key) =>
      `${(key as (...a: string[]) => { sk: string })("x", "x", "x", "x").sk.split("#")[0]}#…`,
  ),
);
const POLICY = new Set(
  units.flatMap(({ policySchema }) => Object.keys(policySchema.properties ?? {})),
);
const PREFIXES = new Set(Object.values(PREFIX).map((prefix) => `${prefix}/`));
const QUEUES = new Set<string>(Object.values(TASK_QUEUE));

type Kind = string | null;
const one = (kind: string, names: Set<string>) => (token: string) =>
  names.has(token) ? kind : null;
const anyOf = (sets: Record<string, Set<string>>) => (token: string) =>
  Object.keys(sets).find((kind) => sets[kind]?.has(token)) ?? null;

/** The form of a token decides what it must be; within its form, only names that exist pass. */
const FORMS: [form: RegExp, kindOf: (token: string) => Kind][] = [
  [/^(GET|POST|PUT|PATCH|DELETE) \//, one("operation", OPERATIONS)],
  [/^(npm run|python -m) /, one("command", COMMANDS)],
  [/^[A-Z]+#…$/, one("item", ITEMS)],
  [/^inlet-/, one("queue", QUEUES)],
  [
    /\//,
    (token) => one("prefix", PREFIXES)(token) ?? (existsSync(join(root, token)) ? "path" : null),
  ],
  [/^policy\./, (token) => (POLICY.has(token.slice("policy.".length)) ? "policy" : null)],
  [/^\w+(\.\w+)+$/, anyOf(DOTTED)],
  [/^[A-Z][A-Z0-9_]+$/, one("code", CODES)],
  [/^\w+$/, anyOf(WORDS)],
];

/** What a token in backticks is, or null when nothing of that form and name exists. */
export function kindOf(token: string): Kind {
  return FORMS.find(([form]) => form.test(token))?.[1](token) ?? null;
}

function graphqlNames(): string[] {
  const types = Object.values(buildSchema(CONTRACT).getTypeMap()).filter(
    ({ name }) => !name.startsWith("__"),
  );
  return types.flatMap((type) =>
    isObjectType(type) || isInputObjectType(type)
      ? [type.name, ...Object.keys(type.getFields())]
      : [type.name],
  );
}

function contractNames(): string[] {
  const definitions: [string, unknown][] = [
    ...Object.entries(json("schemas/json/contracts.json").$defs),
    ...Object.entries(json("schemas/json/openapi.json").components.schemas),
  ];
  return definitions.flatMap(([name, schema]) => [
    name,
    ...Object.keys((schema as { properties?: object }).properties ?? {}),
  ]);
}

function enumValues(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = [
    ...("enum" in schema ? (schema.enum as unknown[]) : []),
    ...("const" in schema ? [schema.const] : []),
  ];
  return [
    ...own.filter((value) => typeof value === "string"),
    ...Object.values(schema).flatMap(enumValues),
  ];
}
