/** Names of methods: the same document gives the same names, in whatever order it is written. */
import { createHash } from "node:crypto";
import { MethodName } from "../../../schemas/method.ts";

interface NamedOperation {
  readonly operationId: string | undefined;
  readonly verb: string;
  readonly path: string;
}

/**
 * A name for each operation: its `operationId` where nobody else has it, or else one made of verb
 * and path.
 */
export function methodNames(operations: readonly NamedOperation[]): string[] {
  const first = operations.map(({ operationId }) => nameLike(operationId ?? ""));
  const second = operations.map(({ verb, path }) => nameLike(`${verb.toLowerCase()}_${path}`));
  const usedFirst = counted(first);
  const usedSecond = counted([...second, ...first.filter((name) => usedFirst.get(name) === 1)]);

  return operations.map((operation, at) => {
    const [own = "", made = ""] = [first[at], second[at]];
    if (own !== "" && usedFirst.get(own) === 1) return own;
    if (usedSecond.get(made) === 1) return made;
    const text = `${operation.verb} ${operation.path}`;
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 10);
    return `${made.slice(0, 110)}_${hash}`;
  });
}

/** Letters, digits, dots, dashes and underscores; empty where too little is left. */
function nameLike(text: string): string {
  const name = text
    .slice(0, 300)
    .replaceAll("/", ".")
    .replaceAll(/[^A-Za-z0-9_.-]+/g, "_")
    .replaceAll(/^[^A-Za-z]+|[^A-Za-z0-9]+$/g, "")
    .slice(0, 128);
  return MethodName.safeParse(name).success ? name : "";
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
