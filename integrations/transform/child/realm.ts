/**
 * A fresh world for each evaluation: JSONata keeps its functions in objects that an expression can
 * reach and change (`$ ~> |$sum|{"implementation": …}|`), and what one tenant changed must not be
 * there for another. A realm has its own globals and JSONata, and nothing of this process.
 */
import { readFileSync } from "node:fs";
import { createContext, Script } from "node:vm";

/** JSONata's API, as much of it as is used. */
export interface Compiled {
  ast(): unknown;
  evaluate(input: unknown): Promise<unknown>;
  registerFunction(name: string, implementation: unknown, signature?: string): void;
}

export interface Realm {
  readonly jsonata: (expression: string, options: object) => Compiled;
  readonly JSON: JSON;
}

/** Given by the parent: beside the bundle in a function, among the packages otherwise. */
const libraryPath = process.argv[2] ?? "";
const library = new Script(readFileSync(libraryPath, "utf8"), { filename: "jsonata.js" });
const json = new Script("JSON");

let prepared: Realm | undefined;

/** A realm that nothing has run in yet. */
export function takeRealm(): Realm {
  const realm = prepared ?? makeRealm();
  prepared = undefined;
  return realm;
}

export function prepareRealm(): void {
  prepared ??= makeRealm();
}

function makeRealm(): Realm {
  const context = createContext(Object.create(null), {
    codeGeneration: { strings: false, wasm: false },
  });
  library.runInContext(context);
  return { jsonata: context.jsonata, JSON: json.runInContext(context) };
}
