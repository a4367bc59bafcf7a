import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildResult, buildSync } from "esbuild";

const root = join(import.meta.dirname, "../..");

const DIST = join(root, "dist/functions");
/** What a Lambda has no use for, and what stands in for it: each file says why. */
const STAND_INS = {
  "@aws-sdk/credential-provider-node": join(root, "functions/runtime/lambda-credentials.ts"),
  "mnemonist/lru-cache": join(root, "functions/runtime/endpoint-lru.ts"),
  ajv: join(root, "functions/runtime/no-elicitation.ts"),
  "ajv-formats": join(root, "functions/runtime/no-elicitation.ts"),
};
/** Whoever contains this evaluates expressions in a child process, and needs its files. */
const STARTS_CHILD = "integrations/transform/child-files.ts";
const CHILD_ENTRY = "integrations/transform/child/main.ts";
const CHILD_LIBRARY = "node_modules/jsonata/jsonata.min.js";
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
  const { outputFiles, metafile } = build({ index: entry }, outdir);

  mkdirSync(outdir, { recursive: true });
  writeWhole(join(DIST, "package.json"), '{ "type": "commonjs" }\n');
  for (const { path, contents } of outputFiles) writeWhole(path, contents);
  if (STARTS_CHILD in metafile.inputs) writeChild(outdir);
  built.set(entry, outdir);
  return outdir;
}

/** The files that `integrations/transform/child-files.ts` looks for. */
function writeChild(outdir: string): void {
  const { outputFiles } = build({ "expression-child": CHILD_ENTRY }, outdir);
  for (const { path, contents } of outputFiles) writeWhole(path, contents);
  writeWhole(join(outdir, "jsonata.min.js"), readFileSync(join(root, CHILD_LIBRARY)));
}

type Built = BuildResult<{ write: false; metafile: true }>;

function build(entryPoints: Record<string, string>, outdir: string): Built {
  return buildSync({
    absWorkingDir: root,
    entryPoints,
    outdir,
    write: false,
    metafile: true,
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
}

/** Never half a file: another deployment may be reading the one that is there. */
function writeWhole(path: string, contents: string | Uint8Array): void {
  const part = `${path}.${process.pid}`;
  writeFileSync(part, contents);
  renameSync(part, path);
}
