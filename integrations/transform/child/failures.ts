import { DomainError } from "../../../schemas/errors.ts";
import { ConversionFault } from "../conversions/conversion-fault.ts";
import type { Failure, FailureKind } from "../messages.ts";

/** Thrown by what stands around JSONata. */
export class Refused extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** By JSONata's codes. */
const CAPS: Readonly<Record<string, Failure>> = {
  D1011: { kind: "DEPTH", message: "It calls itself too deeply. End its recursion earlier" },
  D1012: { kind: "TIME", message: "It takes too long. Do less in it, or give it less" },
  D2014: { kind: "SEQUENCE", message: "It makes a sequence that is too long. Make less of it" },
  D2015: { kind: "SEQUENCE", message: "It makes a sequence that is too long. Make less of it" },
};
/** Of the engine itself, by what its message says. */
const ENGINE: readonly (readonly [RegExp, Failure])[] = [
  [/call stack/i, { kind: "DEPTH", message: "It calls itself too deeply. End its recursion" }],
  [
    /invalid (string|array) length|string longer/i,
    { kind: "MEMORY", message: "It makes a value that is too long. Make less of it" },
  ],
  [/regular expression too large/i, { kind: "INVALID", message: "A pattern is too large" }],
  [/circular/i, { kind: "FAILED", message: "Its output holds itself. Leave that out" }],
];
/** The expression's own words: `$error` and `$assert`. */
const OWN_WORDS = new Set(["D3137", "D3141"]);
const LONGEST_MESSAGE = 300;

/** What went wrong, without a value of the input. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refused) return { kind: error.kind, message: error.message };
  if (error instanceof DomainError)
    return { kind: "FAILED", message: error.message.replace(/\.$/, "") };
  const { code, message, position, token } = (error ?? {}) as Record<string, unknown>;
  const where = typeof position === "number" ? { position } : {};
  if (error instanceof ConversionFault)
    return { kind: "FAILED", message: `$${token}: ${error.message}`, ...where };
  const said = typeof message === "string" ? message : "";

  if (typeof code !== "string") {
    const engine = ENGINE.find(([form]) => form.test(said))?.[1];
    return { kind: "FAILED", message: "It cannot be evaluated. Check it", ...engine, ...where };
  }

  const cap = CAPS[code];
  if (cap) return { ...cap, code, ...where };
  const message_ = OWN_WORDS.has(code) ? said : withoutValues(said, error as object);
  return { kind: "FAILED", message: message_ || "It cannot be evaluated", code, ...where };
}

/** JSONata quotes the value that it did not like. */
function withoutValues(message: string, error: object): string {
  const { value, value2 } = error as { value?: unknown; value2?: unknown };
  let cleaned = message;
  for (const quoted of [value, value2].map(textOf))
    if (quoted) cleaned = cleaned.replaceAll(quoted, "…");
  return cleaned;
}

function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The parent takes no long header. */
export const bounded = (failure: Failure): Failure => ({
  ...failure,
  message: failure.message.slice(0, LONGEST_MESSAGE).toWellFormed(),
});
