import { jsonTextFault } from "../../../core/json-bounds.ts";
import type { ExpressionQuestion, Failure } from "../messages.ts";
import { failureOf, Refused } from "./failures.ts";
import { addFunctions } from "./functions.ts";
import { type Compiled, type Realm, takeRealm } from "./realm.ts";
import { syntaxFailure } from "./syntax-rules.ts";

/** Evaluations inside one another; beyond it the native stack ends before long. */
const DEEPEST_EVALUATION = 600;
/** Items of a range, or of what a path finds. */
const LONGEST_SEQUENCE = 100_000;
/** Of what comes out: as much as a vendor's largest answer has. */
const OUTPUT_BOUNDS = { deepest: 100, mostValues: 500_000 };
/** JSONata looks at the clock between its steps: most of what takes too long needs no kill. */
const GENTLE = 0.8;

/** The output as JSON; empty where only the expression was to be checked. May throw what fails. */
export async function evaluateExpression(
  question: ExpressionQuestion,
  input: string,
): Promise<string | Failure> {
  const realm = takeRealm();
  const compiled = compile(realm, question);
  if ("kind" in compiled) return compiled;
  if (question.kind === "CHECK") return "";

  addFunctions(compiled, question.now);
  const value = await compiled.evaluate(realm.JSON.parse(input));
  const output = realm.JSON.stringify(value, plainOnly) ?? "null";
  const fault = jsonTextFault(output, OUTPUT_BOUNDS);
  if (fault) throw new Refused("OUTPUT", `Its output ${fault}`);
  return output;
}

function compile(realm: Realm, { expression, caps }: ExpressionQuestion): Compiled | Failure {
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
