// `npm stop`: stops everything that `npm start` started, and waits until it is down.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, toolEnvironment } from "./bootstrap.mjs";

const HELP = `npm stop

  Stops what \`npm start\` started and keeps what landed for the next start;
  \`npm start -- --fresh\` forgets it.
  INLET_STATE_DIR=DIR names the stack of another folder than .local.`;

const [first] = process.argv.slice(2);
const node = join(root, "node_modules/.bin/node");
if (first === "--help" || first === "-h") {
  console.log(HELP);
} else if (first !== undefined) {
  // Whoever types an option expects something else than a stop.
  console.error(`npm stop knows no ${first}; nothing was stopped.\n\n${HELP}`);
  process.exitCode = 2;
} else if (existsSync(node)) {
  const { status } = spawnSync(node, [join(root, "local/stop.ts")], {
    stdio: "inherit",
    env: toolEnvironment(),
  });
  process.exitCode = status ?? 1;
} else {
  console.log("Nothing is installed, so nothing runs.");
}
