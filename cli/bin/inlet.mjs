#!/usr/bin/env node
// Plain JavaScript for any Node: in a checkout it runs the source with the checkout's own Node, elsewhere what was built.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const beside = (path) => fileURLToPath(new URL(path, import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);

if (!existsSync(beside("../main.ts"))) {
  if (major < 22 || (major === 22 && minor < 12)) stop("Install Node 22.12 or newer and run the command again.");
  await import("../dist/inlet.mjs");
} else if (major >= 24) {
  await import("../main.ts");
} else {
  const node = beside("../../node_modules/.bin/node");
  if (!existsSync(node)) stop("Run `npm start` or `npm test` in the checkout once: it installs Node 24.");
  const { status } = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}

function stop(remedy) {
  process.stderr.write(`error: inlet cannot run on Node ${process.versions.node}. ${remedy}\n`);
  process.exit(1);
}
