/**
 * Refusals of AWS, told apart by the error's type: most of them are a 400, throttling too.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
 */
import type { Refusal, VendorAnswer } from "../plugin.ts";
import { looseObjectOf } from "../requests/json-messages.ts";
import { refusalByStatus, retryAfterOf, wordsOf } from "../requests/refusals.ts";

type Meaning = Pick<Refusal, "kind" | "message">;

const MEANINGS: readonly (readonly [RegExp, Meaning])[] = [
  [
    /^(Throttl|RequestLimitExceeded|TooManyRequests|RequestThrottled)/,
    { kind: "RATE", message: "CloudWatch is asked too often. Try again later." },
  ],
  [
    /^(UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|ExpiredToken)/,
    { kind: "AUTH", message: "AWS refuses the credential. Store a valid one." },
  ],
  [
    /^(IncompleteSignature|MissingAuthenticationToken|RequestExpired)/,
    { kind: "AUTH", message: "AWS refuses the signature. Store the credential again." },
  ],
  [
    /^(AccessDenied|NotAuthorized|UnauthorizedOperation|OptInRequired)/,
    {
      kind: "FORBIDDEN",
      message: "AWS does not allow this credential to do that. Give it the method's action.",
    },
  ],
  [
    /^ResourceNotFound/,
    { kind: "NOT_FOUND", message: "CloudWatch answers that it does not exist in this region." },
  ],
];

export function refusal(answer: VendorAnswer): Refusal | undefined {
  const found = refusalByStatus(answer, { vendor: "CloudWatch" });
  if (found === undefined) return undefined;

  const body = looseObjectOf(answer);
  const type = typeOf(answer.headers["x-amzn-errortype"] ?? body.__type);
  const meaning = MEANINGS.find(([pattern]) => pattern.test(type))?.[1];
  const wait = meaning?.kind === "RATE" ? retryAfterOf(answer) : undefined;
  const vendorMessage = wordsOf(body.message ?? body.Message);
  return {
    ...found,
    ...meaning,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    ...(vendorMessage !== undefined && { vendorMessage }),
  };
}

/** `com.amazonaws.logs#ThrottlingException:http://…` as `ThrottlingException`. */
function typeOf(said: unknown): string {
  const [type = ""] = String(said ?? "").split(":");
  return type.slice(type.lastIndexOf("#") + 1);
}
