/**
 * One run of Schemathesis against a stack, with `schemathesis.toml` and `checks.py` beside this
 * file.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Stack } from "../../local/stack-file.ts";
import type { Dictionaries } from "./targets.ts";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

export interface Fuzz {
  readonly stack: Stack;
  /** Whose token: an admin's unless said otherwise. `/tenants` is always asked by the platform. */
  readonly token?: string;
  readonly api: "rest" | "graphql";
  /** Of examples, coverage, fuzzing, stateful. */
  readonly phases: readonly string[];
  /** Cases of one operation in a phase that draws them. */
  readonly examples: number;
  readonly seed: number;
  readonly ids: Dictionaries;
  /** See `fittingBodies`. */
  readonly fitting: Readonly<Record<string, object>>;
  /** Where the log and the report stay. */
  readonly folder: string;
}

export interface Fuzzed {
  readonly cases: number;
  readonly operations: number;
  /** What was found, as Schemathesis words it; empty when all is well. */
  readonly failures: readonly string[];
  readonly log: string;
}

/** Throws when Schemathesis could not do its work; what it found is in `failures`. */
export async function fuzz(asked: Fuzz): Promise<Fuzzed> {
  const { stack, folder } = asked;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "schemathesis.toml");
  writeFileSync(
    config,
    readFileSync(join(import.meta.dirname, "schemathesis.toml"), "utf8") + idTables(asked.ids),
  );

  const report = join(folder, "report.json");
  const env = {
    ...process.env,
    SCHEMATHESIS_HOOKS: join(import.meta.dirname, "checks.py"),
    INLET_FITTING: JSON.stringify(asked.fitting),
    INLET_SPARE_TENANT: asked.ids.tenantId?.[0] ?? "",
    INLET_TOKEN: asked.token ?? stack.token,
    INLET_PLATFORM_TOKEN: stack.platformToken,
  };

  const args = ["--config-file", config, "run", ...argumentsOf(asked, report)];
  const command = join(root, ".venv/bin/schemathesis");
  const log = await run(command, args, { cwd: folder, env, maxBuffer: 256e6 }).then(
    ({ stdout }) => stdout,
    // It ends with 1 when it found something: whether it did its work, the report says.
    (error: { stdout?: string; stderr?: string }) => `${error.stdout}\n${error.stderr}`,
  );
  writeFileSync(join(folder, "log"), log);
  return summary(report, log);
}

function argumentsOf({ stack, api, phases, examples, seed }: Fuzz, report: string): string[] {
  // To not_a_server_error every error of a resolver is one, "no such run" too: checks.py tells ours
  // from the masked.
  const graphql = [stack.graphqlUrl, "--exclude-checks", "not_a_server_error"];
  const target =
    api === "graphql" ? graphql : [`${stack.apiUrl}/openapi.json`, "--url", stack.apiUrl];

  const drawn = [
    "--phases",
    phases.join(),
    "--max-examples",
    String(examples),
    "--seed",
    String(seed),
  ];
  return [...target, ...drawn, "--report", "json", "--report-json-path", report, "--no-color"];
}

/** TOML strings are written as JSON's are. */
const idTables = (ids: Dictionaries) =>
  `\n[dictionaries]\n${Object.entries(ids)
    .map(([name, values]) => `${name} = { values = ${JSON.stringify(values)} }\n`)
    .join("")}`;

interface Report {
  readonly complete: boolean;
  readonly operations: { readonly tested: number };
  readonly test_cases: { readonly generated: number };
  readonly failures: readonly { title: string; count: number; operations: readonly unknown[] }[];
  readonly errors: readonly unknown[];
}

function summary(file: string, log: string): Fuzzed {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch (cause) {
    throw new Error(`Schemathesis wrote no report:\n${log.slice(-3000)}`, { cause });
  }
  if (!report.complete) throw new Error(`Schemathesis did not finish:\n${log.slice(-3000)}`);

  const found = report.failures.map(
    (one) => `${one.title}, ${one.count} times: ${JSON.stringify(one.operations)}`,
  );
  const failures = [
    ...found,
    ...report.errors.map((error) => `could not be asked: ${JSON.stringify(error)}`),
  ];
  return {
    cases: report.test_cases.generated,
    operations: report.operations.tested,
    failures,
    log,
  };
}
