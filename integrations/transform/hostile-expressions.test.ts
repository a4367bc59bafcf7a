import { describe, expect, it } from "vitest";
import { DomainError } from "../../schemas/errors.ts";
import { type Attack, HOSTILE_EXPRESSIONS } from "./expressions-under-test.ts";
import { evaluate } from "./run-expression.ts";

const CAPS = { timeoutMs: 400, maxOutputBytes: 1_000_000 };
/** Long enough for a busy machine. */
const PATIENT = { timeoutMs: 5_000 };

describe("a hostile expression ends, and the next call is answered", () => {
  it("is one of at least 200", () => {
    const names = new Set(HOSTILE_EXPRESSIONS.map(({ name }) => name));
    expect(names.size).toBe(HOSTILE_EXPRESSIONS.length);
    expect(names.size).toBeGreaterThanOrEqual(200);
  });

  it.each(HOSTILE_EXPRESSIONS)("$expected: $name", async (attack) => {
    const code = await codeOf(attack);

    const allowed = attack.expected === "REFUSED" ? ["VALIDATION_ERROR"] : ["TRANSFORM_FAILED", ""];
    expect(allowed).toContain(code);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(await evaluate("$sum(items) & $string({})", { items: [1, 2] }, PATIENT)).toBe("3{}");
  });
});

/** Empty for an answer. */
async function codeOf({ expression, input = {} }: Attack): Promise<string> {
  try {
    const output = await evaluate(expression, input, CAPS);
    expect(JSON.stringify(output).length).toBeLessThanOrEqual(CAPS.maxOutputBytes);
    return "";
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}
