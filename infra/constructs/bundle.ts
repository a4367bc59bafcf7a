import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

const root = join(import.meta.dirname, "../..");

const DIST = join(root, "dist/functions");
/** What a Lambda has no use for, and what stands in for it: each file says why. */
const STAND_INS = {
  "@aws-sdk/credential-provider-node": join(root, "functions/runtime/lambda-credentials.ts"),
  "mnemonist/lru-cache": join(root, "functions/runtime/endpoint-lru.ts"),
};
/** By entry: several environments are synthesised from one build. */
const built = new Map<string, string>();

/**
 * Bundles one Lambda to `dist/functions/<name>/index.js` and returns the folder. One esbuild call
 * in this process, since CDK's NodejsFunction starts a new one per function. CommonJS: some
 * dependencies call `require`. Throws when the entry file is missing.
 */
export function bundle(name: string, entry: string): string {
  const found = built.get(entry);
  if (found) return found;
  if (!existsSync(join(root, entry)))
    throw new Error(`The entry ${entry} of function ${name} does not exist.`);

  const outdir = join(DIST, name);
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: { index: entry },
    outdir,
    write: false,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // The ESM builds of dependencies tree-shake.
    mainFields: ["module", "main"],
    alias: STAND_INS,
    // Imported only when an operation streams events: none of ours does.
    external: ["@smithy/core/event-streams"],
    legalComments: "none",
    logLevel: "error",
  });

  mkdirSync(outdir, { recursive: true });
  writeWhole(join(DIST, "package.json"), '{ "type": "commonjs" }\n');
  for (const { path, contents } of outputFiles) writeWhole(path, contents);
  built.set(entry, outdir);
  return outdir;
}

/** Never half a file: another deployment may be reading the one that is there. */
function writeWhole(path: string, contents: string | Uint8Array): void {
  const part = `${path}.${process.pid}`;
  writeFileSync(part, contents);
  renameSync(part, path);
}
