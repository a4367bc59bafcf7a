/**
 * Refusals of GitHub: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
 * and https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
import type { Refusal, VendorAnswer } from "../plugin.ts";
import { isObject, type JsonObject, looseObjectOf } from "../requests/json-messages.ts";
import { bounded, clockOf, refusalByStatus, retryAfterOf, wordsOf } from "../requests/refusals.ts";

/** What GitHub asks for where it says nothing of time. */
const SECONDARY_WAIT_SECONDS = 60;

const BY_STATUS = {
  301: {
    kind: "OTHER",
    message: "GitHub answers that the repository has another name now. Use that one.",
  },
  405: { kind: "INVALID", message: "GitHub does not allow that now. Read it again first." },
  409: {
    kind: "INVALID",
    message: "It was changed meanwhile, so GitHub refuses the call. Read it again first.",
  },
  410: { kind: "OTHER", message: "It was deleted, or GitHub has the feature switched off there." },
} as const;

export function refusal(answer: VendorAnswer): Refusal | undefined {
  const found = refusalByStatus(answer, { vendor: "GitHub", byStatus: BY_STATUS });
  if (found === undefined) return undefined;

  const said = looseObjectOf(answer);
  const errors = Array.isArray(said.errors) ? said.errors : [];
  const details = errors.map((one) => (isObject(one) ? (one.message ?? one.code) : one));
  const vendorMessage = wordsOf(said.message, ...details);
  return {
    ...found,
    ...(limited(answer, said) ?? invalid(found, errors)),
    ...(vendorMessage !== undefined && { vendorMessage }),
  };
}

/** A limit is refused with 403 or 429; of a bare 403, only the text tells it from a permission. */
function limited(answer: VendorAnswer, said: JsonObject): Partial<Refusal> | undefined {
  if (answer.status !== 403 && answer.status !== 429) return undefined;
  const hint = `${said.message ?? ""} ${said.documentation_url ?? ""}`;
  const isSecondary = answer.status === 429 || /rate[ -]limit|abuse/i.test(hint);
  const wait = retryAfterOf(answer) ?? untilReset(answer);
  if (wait === undefined && !isSecondary) return undefined;

  return {
    kind: "RATE",
    message: "GitHub is asked too often. Try again later.",
    retryAfterSeconds: wait ?? SECONDARY_WAIT_SECONDS,
  };
}

function untilReset(answer: VendorAnswer): number | undefined {
  const { "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset } = answer.headers;
  if (remaining !== "0" || !/^\d{1,12}$/.test(reset ?? "")) return undefined;
  return bounded(Number(reset) - clockOf(answer) / 1000);
}

/** Names of fields are ours to show; what was in them is not. */
function invalid({ kind }: Refusal, errors: readonly unknown[]): Partial<Refusal> {
  const fields = errors
    .map((one) => (isObject(one) ? one.field : undefined))
    .filter((field) => typeof field === "string" && /^[a-z][a-z_]{0,40}$/.test(field))
    .slice(0, 20);
  return kind === "INVALID" && fields.length > 0
    ? { message: `GitHub refuses the fields ${fields.join(", ")}. Correct them.` }
    : {};
}
