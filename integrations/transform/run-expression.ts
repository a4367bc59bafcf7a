import { DomainError } from "../../schemas/errors.ts";
import type { TransformFormat } from "../../schemas/transform.ts";
import { expressionPool } from "./expression-pool.ts";
import { type Answered, Ended } from "./expression-process.ts";
import type { Cap, Caps, Failure, Question } from "./messages.ts";

/** What is left out has the default. */
export interface EvaluationOptions extends Partial<Caps> {
  /** The instant that `$now()` and `$millis()` answer; by default the one of the call. */
  readonly now?: Date;
}

const LONGEST_EXPRESSION = 32_768;
const LARGEST_INPUT_BYTES = 5_242_880;
const DEFAULT_CAPS: Caps = { timeoutMs: 1_000, maxOutputBytes: 5_242_880 };
/** An expression that needs longer holds up everybody else. */
const LONGEST_TIMEOUT_MS = 5_000;
/** A check parses and looks: milliseconds, unless the parser itself is attacked. */
const CHECK_CAPS: Caps = { timeoutMs: 1_000, maxOutputBytes: 0 };

/** Five megabytes of XML take the parser seconds. */
const FORMAT_CAPS: Caps = { timeoutMs: 5_000, maxOutputBytes: 20_971_520 };

const pool = expressionPool();

/**
 * Output of a tenant's JSONata expression over `input`, which is JSON; null where it finds nothing.
 * Runs in a child process that is ended when it exceeds a cap.
 *
 * Throws `VALIDATION_ERROR` for an expression that may not run, naming the character;
 * `TRANSFORM_FAILED` for one that fails, with `details.cap` when a cap ended it; `WORKER_BUSY` when
 * too many wait.
 */
export async function evaluate(
  expression: string,
  input: unknown,
  { now = new Date(), ...caps }: EvaluationOptions = {},
): Promise<unknown> {
  refuseLong(expression);
  const text = jsonOf(input);

  const whole = { ...DEFAULT_CAPS, ...caps };
  const question: Question = {
    kind: "EVALUATE",
    expression,
    caps: { ...whole, timeoutMs: Math.min(whole.timeoutMs, LONGEST_TIMEOUT_MS) },
    now: now.getTime(),
  };
  const { output } = await ask(question, text);
  return JSON.parse(output, withoutPrototype);
}

/** Throws `VALIDATION_ERROR` for an expression that may not run, naming the character. */
export async function checkExpression(expression: string): Promise<void> {
  refuseLong(expression);
  await ask({ kind: "CHECK", expression, caps: CHECK_CAPS, now: 0 }, "");
}

/**
 * The value of a text in a format: of XML, CSV, a form, or JSON without loss of a digit. Throws
 * `TRANSFORM_FAILED` for one that is none, or too large; `WORKER_BUSY`.
 */
export async function readText(format: TransformFormat, text: string): Promise<unknown> {
  if (Buffer.byteLength(text) > LARGEST_INPUT_BYTES) throw tooLarge();
  const { output } = await ask({ kind: "READ", format, caps: FORMAT_CAPS }, text);
  return JSON.parse(output, withoutPrototype);
}

/** The text of a value in a format. Throws as `readText` does. */
export async function writeText(format: TransformFormat, value: unknown): Promise<string> {
  const question = { kind: "WRITE", format, caps: FORMAT_CAPS } as const;
  return (await ask(question, jsonOf(value))).output;
}

async function ask(question: Question, input: string): Promise<Answered> {
  try {
    const answered = await pool.ask(question, input);
    if (answered.reply.ok) return answered;
    throw toDomainError(question.kind, answered.reply.failure);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    if (question.kind === "CHECK") throw notValid("It cannot be read in time. Simplify it");
    throw ended(error);
  }
}

function toDomainError(
  asked: Question["kind"],
  { kind, message, code, position }: Failure,
): DomainError {
  if (asked === "READ" || asked === "WRITE")
    return new DomainError("TRANSFORM_FAILED", `${message}.`);
  if (kind === "INVALID") return notValid(message, position);
  const cap = kind === "FAILED" ? {} : { cap: kind };
  return failed(message, { ...cap, ...(code && { code }), ...(position && { position }) });
}

function notValid(message: string, position?: number): DomainError {
  const where = position === undefined ? "" : ` (at character ${position})`;
  const errors = [{ path: "expression", message: `${message}${where}` }];
  return new DomainError("VALIDATION_ERROR", `The expression is not valid. ${message}${where}.`, {
    errors,
  });
}

const WORDS: Readonly<Record<Cap, string>> = {
  TIME: "It takes too long. Do less in it, or give it less",
  MEMORY: "It needs too much memory. Make less at once, or give it less",
  OUTPUT: "It makes too much. Make less of it",
  DEPTH: "It calls itself too deeply. End its recursion",
  SEQUENCE: "It makes a sequence that is too long. Make less of it",
};

function ended({ cap }: Ended): DomainError {
  if (cap) return failed(WORDS[cap], { cap });
  return new DomainError("INTERNAL", "The expression could not be evaluated. Repeat the call.");
}

const failed = (message: string, details: Record<string, unknown>) =>
  new DomainError("TRANSFORM_FAILED", `The expression failed. ${message}.`, details);

function refuseLong(expression: string): void {
  if (expression.length > LONGEST_EXPRESSION)
    throw notValid(`It has more than ${LONGEST_EXPRESSION} characters. Take it apart`);
  if (!expression.isWellFormed())
    throw notValid("It has half of a surrogate pair. Send whole characters");
}

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  if (Buffer.byteLength(text) > LARGEST_INPUT_BYTES) throw tooLarge();
  return text;
}

const tooLarge = () =>
  failed(`Its input is larger than ${LARGEST_INPUT_BYTES} bytes. Give it less`, {});

/** A name that, assigned, would change what the object inherits. */
function withoutPrototype(this: unknown, name: string, value: unknown): unknown {
  return name === "__proto__" ? undefined : value;
}
