import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import manifest from "../schemas/json/manifest.json" with { type: "json" };
import openapi from "../schemas/json/openapi.json" with { type: "json" };
import { pageOf } from "../schemas/operation.ts";
import { COMMANDS, wordsOf } from "./commands.ts";
import { EXAMPLES } from "./examples.ts";
import { fieldsOf } from "./fields.ts";
import type { Io } from "./io.ts";
import { optionsOf, programOf } from "./program.ts";
import { type Typed, valuesOf } from "./request.ts";

interface Described {
  operationId: string;
  parameters?: { name: string; in: string }[];
  requestBody?: { content: { "application/json": { schema: Schema } } };
}
interface Schema {
  $ref?: string;
  properties?: Record<string, unknown>;
}

const described = Object.entries(
  openapi.paths as unknown as Record<string, Record<string, Described>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, it]) => ({ ...it, method: method.toUpperCase(), path })),
);

describe("the commands are the operations of the OpenAPI document", () => {
  it("one for one", () => {
    const name = ({ method, path, id }: { method: string; path: string; id: string }) =>
      `${method} ${path} ${id}`;
    expect(COMMANDS.map(({ operation }) => name(operation)).sort()).toEqual(
      described.map((it) => name({ ...it, id: it.operationId })).sort(),
    );
  });

  it.each(described)("$operationId takes every parameter and every field of the body", (it) => {
    const command = COMMANDS.find(({ operation }) => operation.id === it.operationId);
    if (!command) throw new Error("has no command");
    const flags = optionsOf(command).map(({ long }) => long);
    const wanted = (it.parameters ?? [])
      .filter((parameter) => parameter.in !== "header")
      .map(({ name }) => name);
    const { content } = it.requestBody ?? {};
    const fields = content
      ? Object.keys(bodyOf(content["application/json"].schema).properties ?? {})
      : [];
    expect([...command.args, ...fieldsOf(command).map(({ name }) => name)].sort()).toEqual(
      [...wanted, ...fields].sort(),
    );
    for (const { name } of (it.parameters ?? []).filter((parameter) => parameter.in === "header")) {
      if (name.toLowerCase() !== "prefer") expect(flags).toContain(`--${name.toLowerCase()}`);
    }
  });

  it("no two commands share their words, no command two options", () => {
    const words = COMMANDS.map((command) => command.words.join(" "));
    expect(new Set(words).size).toBe(words.length);
    for (const command of COMMANDS) {
      const flags = optionsOf(command).map(({ long }) => long);
      expect(new Set(flags).size, command.words.join(" ")).toBe(flags.length);
    }
  });

  it("a word alone is no noun of other commands", () => {
    const nouns = new Set([
      ...COMMANDS.filter(({ words }) => words.length > 1).map(({ words }) => words[0]),
      "profile",
    ]);
    for (const { words } of COMMANDS) if (words.length === 1) expect(nouns).not.toContain(words[0]);
  });
});

describe("the rule of words", () => {
  it.each([
    ["POST", "/sinks", "sinks create"],
    ["GET", "/sinks/{sinkId}", "sinks get"],
    ["PATCH", "/sinks/{sinkId}", "sinks update"],
    ["DELETE", "/sinks/{sinkId}", "sinks delete"],
    ["PUT", "/sinks/{sinkId}/credentials", "sinks set-credentials"],
    ["POST", "/sinks/{sinkId}/test", "sinks test"],
    ["GET", "/endpoints/{endpointId}/units/{unitId}/status", "units status"],
    ["GET", "/endpoints/{endpointId}/collections/{collectionId}", "collections get"],
    ["GET", "/health", "health"],
    ["GET", "/openapi.json", "openapi"],
    ["GET", "/kb/nodes/{logicalId}/lineage", "kb nodes-lineage"],
    ["GET", "/kb/nodes/{logicalId}", "kb nodes-get"],
  ] as const)("%s %s is %s", (method, path, words) => {
    expect(wordsOf({ method, path, answers: {} }).join(" ")).toBe(words);
  });

  it.each([
    ["/sinks", "sinks list"],
    ["/audit", "audit list"],
    ["/runs/{runId}/artifacts", "artifacts list"],
    ["/runs/{runId}/log", "runs log"],
  ] as const)("a page of %s is %s", (path, words) => {
    expect(wordsOf({ method: "GET", path, answers: { 200: pageOf(z.string()) } }).join(" ")).toBe(
      words,
    );
  });
});

const guide = readFileSync(join(import.meta.dirname, "../docs/cli.md"), "utf8");

describe("every line of the guide", () => {
  const calls = [
    ...guide.matchAll(/npx (inlet (?!profile|completion|--).+?)(?= \||\)$| > | <<'| &&|$)/gm),
  ].map((match) => (match[1] ?? "").replace(/\$([A-Z]+)/g, "$1"));
  it.each(calls)("%s keeps the contract", async (line) => {
    expect(await commandsIn(line)).toHaveLength(1);
  });
});

it.each(COMMANDS.map(({ words }) => words.join(" ")))("the guide shows %s", (words) => {
  expect(guide, `Show \`${words}\` in docs/cli.md.`).toMatch(new RegExp(`\\b${words}\\b`));
});

describe("every example in the help", () => {
  const examples = Object.entries(EXAMPLES).flatMap(([words, lines]) =>
    lines.map((line) => ({ words, line })),
  );
  it.each(examples)("$line keeps the contract", async ({ words, line }) => {
    expect(await commandsIn(line)).toEqual([words]);
  });
});

it("the help names no way to sign in that no connector has", () => {
  const known = manifest.connectors.flatMap(({ authTypes }) => authTypes);
  const lines = [...Object.values(EXAMPLES).flat(), ...guide.split("\n")];
  const named = lines.flatMap((line) => /--auth-type (\S+)/.exec(line)?.[1] ?? []);
  expect(named.length).toBeGreaterThan(2);
  for (const authType of named) expect(known).toContain(authType);
});

/**
 * The words of the command that a line calls, after what it says was found to keep the contract.
 */
async function commandsIn(line: string): Promise<string[]> {
  const seen: string[] = [];
  const program = programOf(async (command, args, typed) => {
    valuesOf(command, args, typed as Typed, (path) => FILES[basename(path)] ?? "{}");
    seen.push(command.words.join(" "));
  }, silentIo);
  await program.parseAsync(argumentsOf(line), { from: "user" });
  return seen;
}

/** What the files that examples name hold. */
const FILES: Record<string, string> = {
  "credentials.json": '{"authType":"basic","secret":{"email":"e","apiToken":"t"}}',
  "endpoint.json": '{"name":"jira","connector":"jira","config":{}}',
  "query.graphql": "{ metadataEndpoints { id } }",
};

const silentIo: Io = {
  env: {},
  cwd: "/",
  stdout: { write: () => {}, width: undefined, color: false },
  stderr: { write: () => {}, width: undefined, color: false },
  readText: () => "{}",
  ask: undefined,
};

/** The arguments of the `inlet` call inside a line of shell. */
function argumentsOf(line: string): string[] {
  const call = /inlet (.*?)(?: && .*| > .*)?$/.exec(line)?.[1] ?? "";
  const words = call.matchAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|(\S+)/g);
  return [...words].map(
    ([, single, double, bare]) => single ?? double?.replace(/\\(.)/g, "$1") ?? bare ?? "",
  );
}

function bodyOf({ $ref, ...schema }: Schema): Schema {
  const name = $ref?.split("/").at(-1);
  return name ? ((openapi.components.schemas as Record<string, Schema>)[name] ?? {}) : schema;
}
