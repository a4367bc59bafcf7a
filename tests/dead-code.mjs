// Exports that no code uses, and files that nothing reaches. What only a test uses is dead, too,
// unless its own file uses it; so is the `export` of what only its own file uses. A type may be
// exported for the signature that it stands in.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { parseSync } from "@swc/core";
import { root } from "../local/bootstrap.mjs";

const isTest = (file) => /(\.test|-under-test)\.ts$/.test(file);
/** Code that measures and proves: it may use what it likes, and the product uses none of it. */
const isProof = (file) => /^(tests|bench)\//.test(file) || isTest(file);

/** Files that a runtime loads by their path, so that no import names what they export. */
const LOADED_BY_PATH = [
  // Lambda calls `handler`: the entries of infra/areas.ts and infra/stacks.
  /^functions\/(rest\/)?[a-z-]+\/(handler|reconcile)\.ts$/,
  // Temporal bundles the workflows, and loads the converter by its path.
  /^(worker\/workflows\/index|tests\/histories\/seeded-edit)\.ts$/,
  /^adapters\/temporal\/failure-converter\.ts$/,
  // What esbuild puts in the place of a package: infra/constructs/bundle.ts.
  /^functions\/runtime\/(lambda-credentials|endpoint-lru|no-elicitation)\.ts$/,
  // Vitest calls `setup`.
  /^tests\/stage\/(emulator|stack\/stack-under-test)\.ts$/,
];
/** `file: name` of what only tests call, and why it stays. */
const ONLY_TESTED = new Set([
  // The data plane opens what is sealed here; a test must, too.
  "adapters/secrets/envelope.ts: open",
  // A process that ends takes its children along; a test's goes on.
  "integrations/transform/run-expression.ts: closeExpressions",
]);

const isLoadedByPath = (file) => LOADED_BY_PATH.some((pattern) => pattern.test(file));

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter(Boolean);
const read = (file) => readFileSync(join(root, file), "utf8");
const sources = tracked.filter((file) => /\.(ts|mjs)$/.test(file));
const modules = new Map(sources.map((file) => [file, moduleOf(file)]));
const uses = usesOf(modules);

const findings = [...unusedExports(), ...unreachedFiles()].sort();
for (const finding of findings) console.log(finding);
process.exitCode = findings.length > 0 ? 1 : 0;

function unusedExports() {
  const judged = [...modules].filter(([file]) => !isLoadedByPath(file));
  return judged.flatMap(([file, { exported }]) =>
    exported.map((one) => faultOf(file, one)).filter((fault) => fault !== undefined),
  );
}

/** What speaks against the export; undefined when nothing does. */
function faultOf(file, { name, isType }) {
  const users = ["*", name].flatMap((used) => uses.get(file)?.get(used) ?? []);
  if (users.some((user) => !isProof(user) || isProof(file))) return undefined;

  const isUsedInside = occurrences(read(file), name) > 1;
  if (isUsedInside && (isType || users.length > 0)) return undefined;
  if (users.length > 0 && ONLY_TESTED.has(`${file}: ${name}`)) return undefined;
  if (isUsedInside) return `${file}: only this file uses ${name}, which it exports`;
  return `${file}: ${users.length > 0 ? "only tests use" : "nothing uses"} ${name}`;
}

/** Not imported, and named by no path in code or configuration and by no command in a guide. */
function unreachedFiles() {
  const texts = tracked
    .filter((file) => /\.(ts|mjs|cjs|json|toml|py)$|Dockerfile$/.test(file))
    .filter((file) => !/package-lock|schemas\/json|histories\/.*json$/.test(file))
    .map((file) => [file, read(file)]);
  const guides = tracked.filter((file) => file.endsWith(".md")).map(read);
  const isNamed = (file) =>
    texts.some(([other, text]) => other !== file && text.includes(basename(file))) ||
    guides.some((text) => text.includes(`node ${file}`));
  return sources
    .filter((file) => !isTest(file) && !/\.config\.ts$/.test(file))
    .filter((file) => !uses.has(file) && !isNamed(file))
    .map((file) => `${file}: nothing imports or names it`);
}

/** Who uses which name of which file; `*` for all of them. */
function usesOf(all) {
  const found = new Map();
  for (const [user, { imported }] of all) {
    for (const { from, name } of imported) {
      const file = posix.normalize(posix.join(posix.dirname(user), from));
      if (!found.has(file)) found.set(file, new Map());
      const names = found.get(file);
      names.set(name, [...(names.get(name) ?? []), user]);
    }
  }
  return found;
}

function moduleOf(file) {
  const ast = parseSync(read(file), { syntax: "typescript", target: "es2024" });
  const imported = [];
  const exported = [];
  const importFrom = (source, name) => {
    if (source?.value?.startsWith(".")) imported.push({ from: source.value, name });
  };
  for (const item of ast.body) {
    if (item.type === "ImportDeclaration") {
      importFrom(item.source, "");
      for (const one of item.specifiers) importFrom(item.source, importedName(one));
    } else if (item.type === "ExportNamedDeclaration") {
      for (const one of item.specifiers) {
        importFrom(item.source, one.orig?.value ?? "*");
        exported.push({ name: (one.exported ?? one.orig).value, isType: item.typeOnly });
      }
    } else if (item.type === "ExportAllDeclaration") {
      importFrom(item.source, "*");
    } else if (item.type === "ExportDeclaration") {
      exported.push(...declared(item.declaration));
    }
  }
  forEachNode(ast, (node) => {
    if (node.type === "CallExpression" && node.callee.type === "Import")
      importFrom(node.arguments[0]?.expression, "*");
    if (node.type === "TsImportType") importFrom(node.argument, "*");
  });
  return { imported, exported };
}

function importedName({ type, imported, local }) {
  if (type === "ImportNamespaceSpecifier") return "*";
  return type === "ImportDefaultSpecifier" ? "default" : (imported ?? local).value;
}

function declared({ type, identifier, id, declarations }) {
  if (type === "VariableDeclaration")
    return declarations.flatMap((one) => bound(one.id)).map((name) => ({ name, isType: false }));
  const isType = type === "TsInterfaceDeclaration" || type === "TsTypeAliasDeclaration";
  return [{ name: (identifier ?? id).value, isType }];
}

/** The names that a pattern binds. */
function bound(pattern) {
  if (pattern.type === "Identifier") return [pattern.value];
  const parts = pattern.properties ?? pattern.elements ?? [];
  return parts.flatMap((part) => (part ? bound(part.value ?? part.key ?? part) : []));
}

function forEachNode(node, visit) {
  if (Array.isArray(node)) for (const one of node) forEachNode(one, visit);
  else if (node && typeof node === "object") {
    if (typeof node.type === "string") visit(node);
    for (const value of Object.values(node)) forEachNode(value, visit);
  }
}

function occurrences(text, name) {
  return (
    text.match(new RegExp(`(?<![\\w$])${name.replace("$", "\\$")}(?![\\w$])`, "g"))?.length ?? 0
  );
}
