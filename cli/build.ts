/**
 * `npm run build -w cli`: one file for any Node 20 or newer, `dist/inlet.mjs`, or under the folder
 * that is given.
 */
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

/**
 * What the built file was made from, beside it: `bin/inlet.mjs` builds again when one of them is
 * newer.
 */
const SOURCES = "sources.json";
const root = join(import.meta.dirname, "..");

export async function buildCli(outdir: string): Promise<void> {
  const startedAt = new Date();
  // Built beside and moved: a command that starts meanwhile finds the whole old file.
  const beside = join(outdir, `.${process.pid}`);
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, "main.ts")],
    outfile: join(beside, "inlet.mjs"),
    absWorkingDir: root,
    bundle: true,
    minify: true,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
    // The table library is CommonJS and asks for Node's modules at run time.
    banner: {
      js: [
        'import { createRequire } from "node:module";',
        "const require = createRequire(import.meta.url);",
      ].join(" "),
    },
  });

  mkdirSync(outdir, { recursive: true });
  const sources = Object.keys(metafile.inputs).filter((path) => !path.includes("node_modules"));
  writeFileSync(
    join(beside, SOURCES),
    JSON.stringify(sources.map((path) => relative(import.meta.dirname, join(root, path)))),
  );
  // As old as its start: what was changed while it was made is newer.
  utimesSync(join(beside, "inlet.mjs"), startedAt, startedAt);
  for (const name of [SOURCES, "inlet.mjs"]) renameSync(join(beside, name), join(outdir, name));
  rmSync(beside, { recursive: true });
}

if (import.meta.main) await buildCli(join(import.meta.dirname, "dist"));
