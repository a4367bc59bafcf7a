import type { Failure, Question, Reply } from "../messages.ts";
import { convertText } from "./convert-text.ts";
import { evaluateExpression } from "./evaluate-expression.ts";
import { bounded, failureOf } from "./failures.ts";

export interface Answered {
  readonly reply: Reply;
  /** JSON, or the text that was asked for; empty when there is none. */
  readonly output: string;
}

/** Does what it is asked with the text `input`. Never throws. */
export async function answer(question: Question, input: string): Promise<Answered> {
  try {
    const output =
      "format" in question
        ? convertText(question, input)
        : await evaluateExpression(question, input);
    if (typeof output === "object") return failed(output);

    const { maxOutputBytes } = question.caps;
    if (Buffer.byteLength(output) <= maxOutputBytes) return { reply: { ok: true }, output };
    const message = `It makes more than ${maxOutputBytes} bytes. Make less of it`;
    return failed({ kind: "OUTPUT", message });
  } catch (error) {
    return failed(failureOf(error));
  }
}

const failed = (failure: Failure): Answered => ({
  reply: { ok: false, failure: bounded(failure) },
  output: "",
});
