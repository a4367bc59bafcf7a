// Regenerates what is derived and fails, naming the files, when the committed ones differ.
import { execFileSync } from "node:child_process";

const generated = [
  "schemas/json",
  "schemas/graphql",
  "python-worker/src/inlet_sdk/contracts",
  "python-worker/src/inlet_worker/contracts",
  "docs/cli-commands.md",
  "docs/integrations/reference.md",
  "docs/schemas",
];
const git = (...args) => execFileSync("git", args, { encoding: "utf8" });
const state = () =>
  git(
    "hash-object",
    "--",
    ...git("ls-files", "-co", "--exclude-standard", "--", ...generated)
      .split("\n")
      .filter(Boolean),
  );

const before = state();
execFileSync("npm", ["run", "--silent", "generate"], { stdio: ["ignore", "ignore", "inherit"] });
if (state() !== before) {
  const changed = git("status", "--short", "--", ...generated);
  console.error(
    `Generated files differ from their source:\n${changed}` +
      "Run `npm run generate` and commit the result.",
  );
  process.exitCode = 1;
}
