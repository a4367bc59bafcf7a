/** What an expression may say, judged on its syntax tree before any of it runs. */
import { patternFault } from "../../../core/linear-pattern.ts";
import type { Failure } from "../messages.ts";

type Node = Readonly<Record<string, unknown>>;

const MOST_NODES = 20_000;
/** Lists and objects of the tree inside one another: some three for each level of the text. */
const DEEPEST_TREE = 300;
/** Of a range whose ends are written out. Others are bounded while they run. */
const LONGEST_RANGE = 100_000;

/** Functions that make expressions out of data, or another answer each time. */
const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  eval: "$eval is not available: write the expression out",
  random: "$random is not available: the same input must give the same output",
  shuffle: "$shuffle is not available: the same input must give the same output",
};
const REFUSED_NAMES = /^__(?:proto|(?:define|lookup)[GS]etter)__$/;

/** The first thing that is wrong with the tree; undefined when it may run. */
export function syntaxFailure(tree: unknown): Failure | undefined {
  const waiting: [part: object, depth: number][] = [[tree as object, 0]];
  const seen = new Set<object>();

  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [part, depth] = next;
    if (seen.has(part)) continue;
    seen.add(part);
    if (seen.size > MOST_NODES) return invalid("It is too long. Take it apart");
    if (depth > DEEPEST_TREE) return invalid("It is nested too deeply. Use variables");

    const fault = faultOf(part as Node);
    if (fault) return invalid(fault, positionOf(part as Node));
    for (const inner of Object.values(part))
      if (typeof inner === "object" && inner !== null) waiting.push([inner, depth + 1]);
  }
  return undefined;
}

function faultOf(node: Node): string | undefined {
  const { type, value } = node;
  if (type === "variable") {
    const name = String(value);
    return Object.hasOwn(REFUSED_FUNCTIONS, name) ? REFUSED_FUNCTIONS[name] : undefined;
  }
  if (type === "regex") return patternProblem(value as RegExp);
  if (type === "binary" && value === "..") return rangeProblem(node);
  if ((type === "name" || type === "string") && REFUSED_NAMES.test(String(value)))
    return `${value} is no name of data: leave it out`;
  return undefined;
}

function patternProblem(pattern: RegExp): string | undefined {
  const fault = patternFault(pattern.source);
  return fault && `The pattern /${pattern.source.slice(0, 100)}/ ${fault}`;
}

function rangeProblem({ lhs, rhs }: Node): string | undefined {
  const [first, last] = [lhs, rhs].map((end) => {
    const { type, value } = (end ?? {}) as Node;
    return type === "number" ? Number(value) : undefined;
  });
  if (first === undefined || last === undefined || last - first < LONGEST_RANGE) return undefined;
  return `A range has at most ${LONGEST_RANGE} items: narrow it`;
}

const positionOf = ({ position }: Node) => (typeof position === "number" ? position : undefined);
const invalid = (message: string, position?: number): Failure => ({
  kind: "INVALID",
  message,
  position,
});
