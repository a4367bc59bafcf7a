/**
 * Writes what is derived from the contracts: `schemas/json/*.json` and the Python models, names and
 * error codes. `npm run generate` writes; `npm run check` runs it and fails on a difference.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import * as addressRanges from "./address-ranges.ts";
import { NOUNS, WORKER_CONTRACTS } from "./contracts.ts";
import { ERRORS } from "./errors.ts";
import * as names from "./names.ts";

const root = join(import.meta.dirname, "..");
const python = join(root, "python-worker/src/inlet_worker/contracts");
const sdk = join(root, "python-worker/src/inlet_sdk/contracts");
const venv = join(root, ".venv/bin");

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "output", unrepresentable: "throw" }) as Record<
    string,
    unknown
  >;
}

/** One document whose `$defs` hold every schema once, nested ones included. */
function bundle(title: string, schemas: Record<string, z.ZodType>): Record<string, unknown> {
  const $defs: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const { $defs: nested = {}, $schema: _, id: __, ...own } = jsonSchema(schema);
    for (const [key, value] of Object.entries(nested as Record<string, Record<string, unknown>>)) {
      const { id: ___, ...rest } = value;
      $defs[key] = rest;
    }
    if (!("$ref" in own)) $defs[name] = own;
  }
  const sorted = Object.fromEntries(Object.entries($defs).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title, $defs: sorted };
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

const MODEL_OPTIONS = [
  "--input-file-type=jsonschema",
  "--output-model-type=pydantic_v2.BaseModel",
  "--target-python-version=3.11",
  "--snake-case-field",
  "--disable-timestamp",
  "--use-standard-collections",
  "--use-union-operator",
  "--use-annotated",
  "--field-constraints",
  "--enum-field-as-literal=all",
  "--use-schema-description",
  "--extra-fields=forbid",
  "--allow-population-by-field-name",
  "--use-title-as-name",
  '--custom-file-header="""Generated from `schemas/` by `npm run generate`. Do not edit."""',
  "--formatters=ruff-format",
];

function writePythonModels(document: Record<string, unknown>): void {
  const input = join(tmpdir(), `inlet-contracts-${process.pid}.json`);
  writeJson(input, document);
  const output = join(python, "models.py");

  execFileSync(join(venv, "datamodel-codegen"), [
    `--input=${input}`,
    `--output=${output}`,
    ...MODEL_OPTIONS,
  ]);

  rmSync(input);
}

/**
 * What the Python worker says it can do (decision 1): committed, so that a change of it is
 * seen.
 */
function connectorManifest(): unknown {
  const env = { ...process.env, PYTHONPATH: join(root, "python-worker/src") };
  return JSON.parse(
    execFileSync(join(venv, "python"), ["-m", "inlet_worker", "manifest"], {
      env,
      encoding: "utf8",
    }),
  );
}

function workerNames(): string {
  return [generatedFrom("`schemas/names.ts`"), ...constantsOf(names)].join("\n");
}

function sdkNames(): string {
  const lines = [generatedFrom("`schemas/address-ranges.ts` and `errors.ts`")];
  lines.push(...constantsOf(addressRanges), "ERRORS = {");
  for (const [code, { retryable }] of Object.entries(ERRORS)) {
    lines.push(`    "${code}": ${retryable ? "True" : "False"},`);
  }
  lines.push("}", '"""Error code to whether a retry can help."""', "");
  return lines.join("\n");
}

function generatedFrom(sources: string): string {
  return `"""Generated from ${sources} by \`npm run generate\`. Do not edit."""\n`;
}

function constantsOf(module: Record<string, unknown>): string[] {
  return Object.entries(module).flatMap(([name, value]) => [...pythonConstants(name, value), ""]);
}

function pythonConstants(prefix: string, value: unknown): string[] {
  if (typeof value === "string") return [`${prefix} = ${JSON.stringify(value)}`];
  if (Array.isArray(value))
    return [`${prefix} = (${value.map((one) => `${JSON.stringify(one)},`).join(" ")})`];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) =>
    pythonConstants(
      `${prefix}_${key.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase()}`,
      inner,
    ),
  );
}

mkdirSync(join(root, "schemas/json"), { recursive: true });
for (const folder of [python, sdk]) mkdirSync(folder, { recursive: true });
const worker = bundle("Inlet worker contracts", WORKER_CONTRACTS);
writeJson(
  join(root, "schemas/json/contracts.json"),
  bundle("Inlet contracts", { ...NOUNS, ...WORKER_CONTRACTS }),
);
writePythonModels(worker);
for (const folder of [python, sdk])
  writeFileSync(join(folder, "__init__.py"), generatedFrom("`schemas/`"));
writeFileSync(join(python, "names.py"), workerNames());
writeFileSync(join(sdk, "names.py"), sdkNames());
writeJson(join(root, "schemas/json/manifest.json"), connectorManifest());
for (const folder of [python, sdk])
  execFileSync(join(venv, "ruff"), ["format", "-q", "--isolated", "--line-length", "120", folder]);
