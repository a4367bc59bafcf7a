import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const AREAS = ["registry", "endpoints", "sinks", "runs", "operations", "knowledge"].map(
  (area) => `functions/rest/${area}.ts`,
);

/** A cold start reads, parses and runs all of it (DESIGN section 9). */
const LARGEST_BYTES = 600_000;

const ALONE = ["graphql/handler", "authorizer/handler", "kb-projector/handler", "kb-projector/reconcile"];

it.each([...AREAS, ...ALONE.map((name) => `functions/${name}.ts`)])("%s stays small", async (entry) => {
  const { outputFiles } = await build({
    ...{ absWorkingDir: root, entryPoints: [entry], write: false, bundle: true, minify: true, logLevel: "error" },
    ...{ platform: "node", target: "node24", format: "cjs", mainFields: ["module", "main"] },
    external: ["@smithy/core/event-streams"],
    alias: { "@aws-sdk/credential-provider-node": join(root, "functions/runtime/lambda-credentials.ts") },
  });
  expect(outputFiles[0]?.contents.length).toBeLessThan(LARGEST_BYTES);
});
