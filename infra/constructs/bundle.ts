import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

export const root = join(import.meta.dirname, "../..");

const LAMBDA_CREDENTIALS = join(root, "functions/runtime/lambda-credentials.ts");

/**
 * Bundles one Lambda to `dist/functions/<name>/index.js` and returns the folder. One esbuild call in this process, since
 * CDK's NodejsFunction starts a new one per function. CommonJS: some dependencies call `require`. Throws when the entry
 * file is missing.
 */
export function bundle(name: string, entry: string): string {
  const path = join(root, entry);
  if (!existsSync(path)) throw new Error(`The entry ${entry} of function ${name} does not exist.`);
  const outdir = join(root, "dist/functions", name);
  buildSync({
    absWorkingDir: root,
    entryPoints: { index: path },
    outdir,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // The ESM builds of dependencies tree-shake; a Lambda's credentials are always in its environment (functions/README.md).
    mainFields: ["module", "main"],
    alias: existsSync(LAMBDA_CREDENTIALS) ? { "@aws-sdk/credential-provider-node": LAMBDA_CREDENTIALS } : {},
    logLevel: "error",
  });
  return outdir;
}
