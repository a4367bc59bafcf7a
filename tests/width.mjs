// No line of code is wider than 100 columns: a longer one is a thought to split. What cannot be
// broken may stand alone on its line: an address, a regular expression, one word.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../local/bootstrap.mjs";

const WIDEST = 100;
const CODE = /\.(tsx?|mjs|cjs|js|py)$/;
/** What `npm run generate` writes, and what is a copy of a judge's: their text is not ours here. */
const STATED_ELSEWHERE = [
  /^python-worker\/src\/inlet_(sdk|worker)\/contracts\//,
  /^schemas\/graphql\/contract\.ts$/,
  /^tests\/odd-sites-lab\.py$/,
];
const isOurs = (file) => CODE.test(file) && !STATED_ELSEWHERE.some((one) => one.test(file));

const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter(isOurs);
const wide = files.flatMap((file) =>
  readFileSync(join(root, file), "utf8")
    .split("\n")
    .map((line, at) => ({ place: `${file}:${at + 1}`, line }))
    .filter(({ line }) => widthOf(line) > WIDEST && !isUnbreakable(line)),
);

for (const { place, line } of wide) console.log(`${place}: ${widthOf(line)} columns`);
process.exitCode = wide.length > 0 ? 1 : 0;

/** Without what only a checker reads, which must stand on the line that it excuses. */
function widthOf(line) {
  return [...line.replace(/\s+(# (type: ignore|noqa)\b.*|\/\/ biome-ignore .*)$/, "")].length;
}

/** Nothing on the line but one thing without a space in it, or a regular expression. */
function isUnbreakable(line) {
  const text = line.trim().replace(/^(\/\/|\*|#)\s*/, "");
  return !/\s/.test(text) || isPattern(text);
}

/** A regular expression, whole, with what follows it at most. */
function isPattern(text) {
  return /^(\/(\\.|[^/\\])+\/[a-z]*|r"[^"]+"|r'[^']+')[,;)]*$/.test(text);
}
