/** Declared mappings: where each value of the output comes from, and what it is converted to. */
import { DomainError } from "../../schemas/errors.ts";
import type { MappingRule } from "../../schemas/transform.ts";
import { ConversionFault } from "./conversions/conversion-fault.ts";
import { convert } from "./conversions.ts";
import { isUsableName } from "./formats/format-fault.ts";

interface Step {
  readonly name: string;
  readonly isList: boolean;
}

/** Values that one mapping looks at, at most. */
const MOST_STEPS = 1_000_000;

/** Throws `VALIDATION_ERROR`, naming them, for rules that cannot be applied. */
export function checkMapping(rules: readonly MappingRule[]): void {
  const errors = rules.flatMap((rule, at) => {
    const message = ruleFault(rule);
    return message ? [{ path: `mapping[${at}]`, message }] : [];
  });
  if (errors.length > 0)
    throw new DomainError("VALIDATION_ERROR", "The mapping is not valid.", { errors });
}

const PATH = /^[^.[\]]{1,100}(?:\[\])?(?:\.[^.[\]]{1,100}(?:\[\])?){0,19}$/;

function ruleFault({ to, from, value, as, argument }: MappingRule): string | undefined {
  const paths = from === undefined ? [to] : [to, from];
  if (from === undefined && value === undefined) return "has neither from nor value. Give one";
  if (as === "toZone" && argument === undefined) return "needs its zone as argument. Give one";
  if (!paths.every((path) => PATH.test(path)))
    return "has a path that is none. Write it as issues[].fields.summary";
  if (!paths.flatMap(stepsOf).every(({ name }) => isUsableName(name)))
    return "has a name that is none of data. Rename it";
  const [lists, given] = paths.map((path) => stepsOf(path).filter(({ isList }) => isList).length);
  if (lists !== (given ?? 0)) return "must have as many [] in to as in from";
  return undefined;
}

/**
 * The output of the rules, in their order: a later one writes over an earlier one. Throws
 * `TRANSFORM_FAILED` for a value that cannot be converted without loss, naming the rule's `to`.
 */
export function applyMapping(rules: readonly MappingRule[], input: unknown): unknown {
  const output: Record<string, unknown> = {};
  const work = { left: MOST_STEPS };

  for (const rule of rules) {
    const found = rule.from === undefined ? rule.value : gather(input, stepsOf(rule.from), work);
    const values = eachLeaf(found, listsIn(rule.to), (one) => converted(rule, one));
    if (values !== undefined) place(output, stepsOf(rule.to), values, work);
  }
  return output;
}

/** The value of a path; of a path through lists, lists of values, undefined where one is missing. */
function gather(value: unknown, steps: readonly Step[], work: { left: number }): unknown {
  if (--work.left < 0) throw tooMuch();
  const [step, ...rest] = steps;
  if (!step) return value;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step.name))
    return undefined;

  const inner = (value as Record<string, unknown>)[step.name];
  if (!step.isList) return gather(inner, rest, work);
  return Array.isArray(inner) ? inner.map((one) => gather(one, rest, work)) : undefined;
}

function eachLeaf(value: unknown, lists: number, change: (leaf: unknown) => unknown): unknown {
  if (lists === 0) return change(value);
  return Array.isArray(value) ? value.map((one) => eachLeaf(one, lists - 1, change)) : undefined;
}

function converted({ to, value: otherwise, as, argument }: MappingRule, found: unknown): unknown {
  const value = found === undefined ? otherwise : found;
  if (!as) return value;
  try {
    return convert(as, value, argument);
  } catch (error) {
    if (!(error instanceof ConversionFault)) throw error;
    throw new DomainError("TRANSFORM_FAILED", `The mapping to ${to} failed. ${error.message}.`);
  }
}

function place(
  target: Record<string, unknown>,
  [step, ...rest]: readonly Step[],
  value: unknown,
  work: { left: number },
): void {
  if (--work.left < 0) throw tooMuch();
  if (!step || value === undefined) return;
  if (!step.isList) {
    if (rest.length === 0) target[step.name] = value;
    else place(objectAt(target, step.name), rest, value, work);
    return;
  }

  const list = listAt(target, step.name);
  for (const [at, one] of (value as unknown[]).entries()) {
    if (rest.length === 0) list[at] = one ?? null;
    else place(objectAt(list as never, at), rest, one, work);
  }
}

function objectAt(holder: Record<string | number, unknown>, name: string | number) {
  const found = Object.hasOwn(holder, name) ? holder[name] : undefined;
  if (typeof found === "object" && found !== null && !Array.isArray(found))
    return found as Record<string, unknown>;
  const made: Record<string, unknown> = {};
  holder[name] = made;
  return made;
}

function listAt(holder: Record<string, unknown>, name: string): unknown[] {
  const found = Object.hasOwn(holder, name) ? holder[name] : undefined;
  if (Array.isArray(found)) return found;
  const made: unknown[] = [];
  holder[name] = made;
  return made;
}

const stepsOf = (path: string): Step[] =>
  path.split(".").map((text) => ({
    name: text.replace(/\[\]$/, ""),
    isList: text.endsWith("[]"),
  }));
const listsIn = (path: string) => stepsOf(path).filter(({ isList }) => isList).length;

const tooMuch = () =>
  new DomainError("TRANSFORM_FAILED", "The mapping looks at too many values. Give it less.", {
    cap: "SEQUENCE",
  });
