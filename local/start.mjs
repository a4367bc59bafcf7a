// `npm start`: installs what is missing, then hands over to TypeScript on the project's own Node 24.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bootstrap, root, toolEnvironment } from "./bootstrap.mjs";

await bootstrap();
const node = join(root, "node_modules/.bin/node");
const { status } = spawnSync(node, [join(root, "local/start.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
  env: toolEnvironment(),
});
process.exitCode = status ?? 1;
