import { pathToFileURL } from "node:url";
import type { Tokens } from "./identity.ts";
import { paths } from "./paths.ts";
import { type Pids, readJson, writeJson } from "./processes.ts";

/** `.local/stack.json` tells any client where everything is (docs/design/quality.md). */
export interface Stack extends Tokens {
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  /** Null until there is a console. */
  readonly consoleUrl: string | null;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string;
  readonly awsEndpointUrl: string;
  /**
   * Properties with which `pyiceberg.catalog.load_catalog("lake", **lake)` opens the demo tenant's
   * lake.
   */
  readonly lake: Readonly<Record<string, string>>;
  readonly pids: Pids;
}

export function writeStack(stack: Stack): void {
  writeJson(paths.stackFile, stack);
}

/** Throws, saying how to start one, when no stack runs here. */
export function readStack(): Stack {
  const stack = readJson<Stack>(paths.stackFile);
  if (!stack)
    throw new Error(
      `There is no ${pathToFileURL(paths.stackFile).pathname}. Run \`npm start\` first.`,
    );
  return stack;
}
