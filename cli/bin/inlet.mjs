#!/usr/bin/env node
// Plain JavaScript for any Node. It runs the built file; in a checkout it builds it first where a
// source is newer.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 20;
const beside = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = beside("../dist/inlet.mjs");

if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
  stop(`inlet cannot run on Node ${process.versions.node}. Install Node ${OLDEST_NODE} or newer.`);
}
if (existsSync(beside("../build.ts")) && !isFresh()) build();
await import("../dist/inlet.mjs");

/** Whether the built file is newer than all it was made from. */
function isFresh() {
  try {
    const { mtimeMs } = statSync(built);
    const sources = [
      ...JSON.parse(readFileSync(beside("../dist/sources.json"), "utf8")),
      "build.ts",
    ];
    return sources.every((path) => statSync(beside(`../${path}`)).mtimeMs < mtimeMs);
  } catch {
    // Never built, or a source was moved away.
    return false;
  }
}

function build() {
  const node = beside("../../node_modules/.bin/node");
  if (!existsSync(node))
    stop("The checkout is not installed. Run `npm start` or `npm test` in it once.");
  const { status, stderr } = spawnSync(node, [beside("../build.ts")], { encoding: "utf8" });
  if (status !== 0) stop(`The command could not be built from the checkout.\n${stderr}`);
}

function stop(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
