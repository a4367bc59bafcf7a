import { jsonTextFault } from "../../../core/json-bounds.ts";
import type { Failure, Question, Reply } from "../messages.ts";
import { bounded, failureOf, Refused } from "./failures.ts";
import { addFunctions } from "./functions.ts";
import { type Compiled, type Realm, takeRealm } from "./realm.ts";
import { syntaxFailure } from "./syntax-rules.ts";

/** Evaluations inside one another; beyond it the native stack ends before long. */
const DEEPEST_EVALUATION = 600;
/** Items of a range, or of what a path finds. */
export const LONGEST_SEQUENCE = 100_000;
/** Of what comes out: as much as a vendor's largest answer has. */
const OUTPUT_BOUNDS = { deepest: 100, mostValues: 500_000 };
/** JSONata looks at the clock between its steps: most of what takes too long needs no kill. */
const GENTLE = 0.8;

export interface Answered {
  readonly reply: Reply;
  /** JSON; empty when there is none. */
  readonly output: string;
}

/** Checks the expression, and evaluates it over the JSON text `input`. Never throws. */
export async function answer(question: Question, input: string): Promise<Answered> {
  const realm = takeRealm();
  const compiled = compile(realm, question);
  if ("kind" in compiled) return failed(compiled);
  if (question.kind === "CHECK") return { reply: { ok: true }, output: "" };

  try {
    const output = await evaluate(realm, compiled, question, input);
    return { reply: { ok: true }, output };
  } catch (error) {
    return failed(failureOf(error));
  }
}

function compile(realm: Realm, { expression, caps }: Question): Compiled | Failure {
  try {
    const compiled = realm.jsonata(expression, {
      stack: DEEPEST_EVALUATION,
      sequence: LONGEST_SEQUENCE,
      timeout: Math.ceil(caps.timeoutMs * GENTLE),
    });
    return syntaxFailure(compiled.ast()) ?? compiled;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== "DEPTH") return { ...failure, kind: "INVALID" };
    return { kind: "INVALID", message: "It is nested too deeply. Take it apart with variables" };
  }
}

async function evaluate(
  realm: Realm,
  compiled: Compiled,
  { now, caps }: Question,
  input: string,
): Promise<string> {
  addFunctions(compiled, now);
  const value = await compiled.evaluate(realm.JSON.parse(input));
  const output = realm.JSON.stringify(value, plainOnly) ?? "null";

  if (Buffer.byteLength(output) > caps.maxOutputBytes)
    throw new Refused("OUTPUT", `It makes more than ${caps.maxOutputBytes} bytes. Make less of it`);
  const fault = jsonTextFault(output, OUTPUT_BOUNDS);
  if (fault) throw new Refused("OUTPUT", `Its output ${fault}`);
  return output;
}

/** JSON leaves out functions, and makes null of what is no number: both would be lost unseen. */
function plainOnly(_name: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Refused("FAILED", "Its output has a number without end. Check its divisions");
  if (isFunction(value))
    throw new Refused("FAILED", "Its output has a function. Call it, or leave it out");
  return value;
}

function isFunction(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "function";
  const { _jsonata_lambda, _jsonata_function } = value as Record<string, unknown>;
  return _jsonata_lambda === true || _jsonata_function === true;
}

const failed = (failure: Failure): Answered => ({
  reply: { ok: false, failure: bounded(failure) },
  output: "",
});
