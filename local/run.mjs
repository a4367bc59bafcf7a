// `node local/run.mjs FILE.ts …`: installs what is missing, then hands over to TypeScript on the
// project's own Node 24.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bootstrap, root, toolEnvironment } from "./bootstrap.mjs";

const [file, ...args] = process.argv.slice(2);
await bootstrap();
const node = join(root, "node_modules/.bin/node");
const { status } = spawnSync(node, [join(root, file), ...args], {
  stdio: "inherit",
  env: toolEnvironment(),
});
process.exitCode = status ?? 1;
