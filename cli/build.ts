/** `npm run build -w cli`: one file for any Node 22.12 or newer, `dist/inlet.mjs`, or under the folder that is given. */
import { join } from "node:path";
import { build } from "esbuild";

export async function buildCli(outdir: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "main.ts")],
    outfile: join(outdir, "inlet.mjs"),
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node22",
    logLevel: "warning",
    // The table library is CommonJS and asks for Node's modules at run time.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
}

if (import.meta.main) await buildCli(join(import.meta.dirname, "dist"));
