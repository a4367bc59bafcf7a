// Every reference in code comments and docs resolves inside the repository: decisions, ADRs,
// sections of the documents, links with their headings, and paths. Part of `npm run check`.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, matchesGlob, posix } from "node:path";

const root = join(import.meta.dirname, "..");
const ls = ["ls-files", "--cached", "--others", "--exclude-standard"];
const tracked = execFileSync("git", ls, { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter(Boolean);
const files = new Set(tracked);
const folders = new Set(tracked.flatMap(foldersAbove));
const rooms = [...folders].filter((folder) => !folder.includes("/") && !folder.startsWith("."));
const cache = new Map();
const text = (path) => cache.get(path) ?? cache.set(path, read(path)).get(path);

const DECISIONS = "docs/design/decisions.md";
const DOCUMENTS = "docs/design/documents.md";
const READ = /\.(ts|tsx|mjs|cjs|py|md|graphql)$|Dockerfile$/;
/** Generated files, what belongs to a laboratory outside, and the planted ones below. */
const NOT_READ =
  /^schemas\/(json|graphql\/contract\.ts)|^tests\/(odd-sites-lab\.py|references\.mjs)$/;
/** Files of these kinds are named by their end alone, as in "`transact.ts`". */
const SOURCE = /\.(ts|tsx|mjs|cjs|py|graphql|toml|Dockerfile)$/;
const PATH = String.raw`[\w@.*<>{},-]+(?:\/[\w@.*<>{},-]+)*\/?`;
const BUILT = /(^|\/)(dist|cdk\.out|node_modules|\.local|\.venv)\//;

/** @typedef {{line: number, finding: string}} Finding */

function read(path) {
  return readFileSync(join(root, path), "utf8");
}

function foldersAbove(file) {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

/** What people read of a file: all of a document, of code its comments and docstrings. */
function prose(path, content) {
  if (path.endsWith(".md")) return content.replace(/^```[\s\S]*?^```$/gm, blank);
  if (path.endsWith(".py") || path.endsWith("Dockerfile") || path.endsWith(".graphql"))
    return only(content, /"""[\s\S]*?"""|(?<=^|\s)#.*$/gm);
  return only(content, /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm);
}

const blank = (part) => part.replace(/[^\n]/g, " ");

function only(content, kept) {
  let at = 0;
  let out = "";
  for (const match of content.matchAll(kept)) {
    out += blank(content.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return out + blank(content.slice(at));
}

/** The text as one line, so that a reference may be broken over two; offsets stay. */
const joined = (content) =>
  content.replace(/\n[ \t]*(?:\*|#|\/\/)?/g, (gap) => " ".repeat(gap.length));

function* references(path, content) {
  const words = joined(content);
  for (const { index } of words.matchAll(/\bDESIGN\b/g))
    yield [index, "DESIGN", "is not in the repository: cite docs/design/"];

  for (const { 1: list, index } of words.matchAll(
    /\bdecisions? +(\d+(?:(?:, *| *and *| *to *)\d+)*)/gi,
  ))
    for (const number of list.match(/\d+/g))
      if (!hasHeading(DECISIONS, `## ${number}. `)) yield [index, `decision ${number}`];

  for (const { 1: number, index } of words.matchAll(/\bADR +(\d+)\b/g))
    if (!adr(number)) yield [index, `ADR ${number}`];

  for (const { 1: number, 2: section, index } of words.matchAll(
    /\bdocuments? +(00\d)(?: +section +(\d+))?/gi,
  ))
    if (!hasSection(number, section)) yield [index, `document ${number} section ${section ?? "-"}`];

  for (const { 0: criterion, 1: number, 2: name, index } of words.matchAll(/\b(00\d)-(AC\d+)\b/g))
    if (!documentOf(number)?.includes(`${name} `)) yield [index, criterion];

  if (path.endsWith(".md")) yield* links(path, content);
  yield* paths(path, content);
}

const hasHeading = (page, start) =>
  text(page)
    .split("\n")
    .some((line) => line.startsWith(start));
const adr = (number) =>
  tracked.some((file) => file.startsWith(`docs/adr/${number.padStart(4, "0")}-`));
const documentOf = (number) =>
  text(DOCUMENTS)
    .split(/^## /m)
    .find((part) => part.startsWith(`Document ${number}\n`));
const hasSection = (number, section) =>
  section
    ? (documentOf(number)?.includes(`### Section ${section}\n`) ?? false)
    : documentOf(number) !== undefined;

function* links(path, content) {
  for (const { 1: target, 2: anchor, index } of content.matchAll(
    /\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g,
  )) {
    if (/^[a-z]+:/.test(target)) continue;
    const file = target ? posix.join(posix.dirname(path), target).replace(/\/$/, "") : path;
    if (!files.has(file) && !folders.has(file)) yield [index, target];
    else if (anchor && !anchors(file).has(anchor)) yield [index, `${target}#${anchor}`];
  }
}

const anchors = (file) =>
  new Set(
    [...text(file).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );

/** Paths in backticks, and bare ones that begin with a room. */
function* paths(path, content) {
  const bare = new RegExp(String.raw`(?<![\w/.\x60-]|\]\()(?:${rooms.join("|")})\/${PATH}`, "g");
  const spans = new RegExp(String.raw`\x60(${PATH})\x60`, "g");
  for (const { 1: span, index } of content.matchAll(spans))
    if (isPath(span) && !resolves(path, span)) yield [index, span];
  for (const { 0: found, index } of content.matchAll(bare)) {
    const named = found.replace(/[.,]+$/, "");
    if (isPath(named) && !resolves(path, named)) yield [index, named];
  }
}

/** A name that could only be a path: it ends as a source does, or begins with a room. */
function isPath(name) {
  if (BUILT.test(name) || /^[*.]+\w*$/.test(name)) return false;
  const inRoom = name.includes("/") && rooms.includes(name.split("/")[0]);
  return inRoom || SOURCE.test(name) || name.endsWith(".md");
}

/** From the root, from a folder above the file, or as the end of some path. */
function resolves(from, name) {
  const wanted = name.replace(/\/$/, "");
  const pattern = wanted.replace(/<[^>]*>|…/g, "*");
  const starts = ["", ...foldersAbove(from)].map((folder) => posix.join(folder, pattern));
  const isGlob = /[*{]/.test(pattern);
  const hit = (candidate) =>
    isGlob
      ? tracked.some((file) => matchesGlob(file, candidate)) ||
        [...folders].some((folder) => matchesGlob(folder, candidate))
      : files.has(candidate) || folders.has(candidate) || hasPrefix(candidate);
  return starts.some(hit) || (SOURCE.test(name) && endsSome(pattern, isGlob));
}

const hasPrefix = (candidate) =>
  /^docs\/adr\/\d{4}$/.test(candidate) && tracked.some((file) => file.startsWith(`${candidate}-`));
const endsSome = (pattern, isGlob) =>
  tracked.some((file) =>
    isGlob ? matchesGlob(file, `**/${pattern}`) : `/${file}`.endsWith(`/${pattern}`),
  );

/** @returns {Finding[]} */
function unresolved(path, content) {
  const read = prose(path, content);
  return [...references(path, read)]
    .filter(([index]) => !/Not built yet:/.test(lineAt(read, index)))
    .map(([index, name, why = "does not resolve"]) => ({
      line: read.slice(0, index).split("\n").length,
      finding: `${name} ${why}`,
    }));
}

const lineAt = (content, index) =>
  content.slice(content.lastIndexOf("\n", index - 1) + 1).split("\n", 1)[0];

/** The check finds one reference of each kind that leads nowhere, or it says nothing at all. */
const PLANTED = [
  ["a.md", "see DESIGN", 1],
  ["a.ts", "// decisions 6 and 99", 1],
  ["a.py", '"""As decided (decision\n99)."""', 1],
  ["a.ts", "/**\n * ADR 9999\n */", 1],
  ["a.md", "document 002 section 9, document 009, 002-AC9", 3],
  ["a.md", "[x](docs/none.md), [y](docs/design/README.md#none)", 2],
  ["a.ts", "// `core/none.ts`, tests/none/x.test.ts", 2],
  ["a.ts", "const path = `core/none.ts`; // `lease.ts` and core/lease.ts", 0],
];

for (const [path, content, count] of PLANTED) {
  const found = unresolved(path, content);
  if (found.length === count) continue;
  console.error(`The check of references is blind: ${JSON.stringify({ path, content, found })}`);
  process.exit(1);
}

const findings = tracked
  .filter((path) => READ.test(path) && !NOT_READ.test(path))
  .flatMap((path) =>
    unresolved(path, text(path)).map((one) => `${path}:${one.line}: ${one.finding}`),
  );
const unlisted = tracked
  .filter(
    (path) => /^docs\/adr\/\d/.test(path) && !text("docs/adr/README.md").includes(path.slice(9)),
  )
  .map((path) => `docs/adr/README.md:1: ${path} is not in the index`);
findings.push(...unlisted);
for (const finding of findings) console.error(finding);
process.exitCode = findings.length > 0 ? 1 : 0;
