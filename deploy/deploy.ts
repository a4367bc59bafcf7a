/**
 * `npm run deploy -- -c env=dev`: brings an environment to this checkout. What else stands behind
 * the `--` goes to `cdk deploy`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { environmentOf } from "../infra/environments.ts";
import { publishWorkerManifest } from "./publish-manifest.ts";
import { rollOut } from "./roll-out.ts";

const root = join(import.meta.dirname, "..");

const args = process.argv.slice(2);
const { values } = parseArgs({
  args,
  options: { context: { type: "string", short: "c", multiple: true } },
  strict: false,
});
const context = (values.context ?? []).map(String);
const named = context.find((one) => one.startsWith("env="))?.slice("env=".length);
const { name, region } = environmentOf(named ?? "dev");
// The registry is where the stacks are, whatever the shell's own region is.
process.env.AWS_REGION = region;
const assembly = join(root, "cdk.out", name);

cdk("synth", "--quiet", "--output", assembly, ...context.flatMap((one) => ["-c", one]));
await rollOut(assembly, {
  deployStacks: async (names) => cdk("deploy", ...names, "--app", assembly, ...args),
  publish: () => publishWorkerManifest(name, process.env),
});

function cdk(...given: string[]): void {
  const command = join(root, "node_modules/.bin/cdk");
  const { status } = spawnSync(command, given, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
