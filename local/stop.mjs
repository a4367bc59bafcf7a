// `npm stop`: stops everything that `npm start` started, and waits until it is down.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, toolEnvironment } from "./bootstrap.mjs";

const node = join(root, "node_modules/.bin/node");
if (existsSync(node)) {
  const { status } = spawnSync(node, [join(root, "local/stop.ts")], { stdio: "inherit", env: toolEnvironment() });
  process.exitCode = status ?? 1;
} else {
  console.log("Nothing is installed, so nothing runs.");
}
