/**
 * Where the child's code is. In a function's asset it lies beside the bundle, put there by
 * `infra/constructs/bundle.ts`; in the worker it is this folder's source, which Node runs as it is.
 */
import { createRequire } from "node:module";
import { join } from "node:path";

/** Of a bundle, which is CommonJS; not defined in a module. */
declare const __dirname: string | undefined;

export interface ChildFiles {
  readonly entry: string;
  readonly library: string;
  /** What the child may read: nothing else. */
  readonly readable: readonly string[];
}

export function childFiles(): ChildFiles {
  const source = import.meta.dirname as string | undefined;
  if (source === undefined) return besideBundle(__dirname ?? ".");

  const root = join(source, "../..");
  const require = createRequire(import.meta.url);
  return {
    entry: join(source, "child/main.ts"),
    library: require.resolve("jsonata/jsonata.min.js"),
    readable: ["package.json", "integrations", "core", "schemas", "node_modules"].map((name) =>
      join(root, name),
    ),
  };
}

const besideBundle = (folder: string): ChildFiles => ({
  entry: join(folder, "expression-child.js"),
  library: join(folder, "jsonata.min.js"),
  readable: [folder],
});
