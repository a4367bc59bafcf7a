/**
 * Asks the credential broker: one function reads every credential, for calls and runs alike
 * (decision 26). Invoked over HTTP, since Lambda's client would be 150 kB of every bundle.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { AwsV4Signer } from "aws4fetch";
import {
  type BrokerAnswer,
  BrokerAnswer as BrokerAnswerShape,
  type BrokeredCredential,
  type BrokerRequest,
} from "../../schemas/credential-grant.ts";
import { DomainError, ERRORS, type ErrorCode } from "../../schemas/errors.ts";
import type { Signer } from "../s3/signed-url.ts";

export interface BrokerOptions {
  readonly functionName: string;
  readonly signer: () => Promise<Signer>;
  /** Of Lambda's API; of the region's own when left out. */
  readonly endpoint?: string | undefined;
  /** The broker itself gives up after 28 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 29_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;

/**
 * The credential that the grant allows. Throws the broker's own error: `FORBIDDEN` for a grant that
 * is not valid, `AUTH_ERROR` when the vendor takes no credential of the owner any more,
 * `SOURCE_UNAVAILABLE` or `TIMEOUT` when it could not be asked now. Throws `INTERNAL` when the
 * broker does not answer.
 */
export async function askBroker(
  options: BrokerOptions,
  request: BrokerRequest,
): Promise<BrokeredCredential> {
  const answer = BrokerAnswerShape.safeParse(await invoke(options, request));
  if (!answer.success) throw silent();
  return credentialOf(answer.data);
}

function credentialOf(answer: BrokerAnswer): BrokeredCredential {
  if ("credential" in answer) return answer.credential;
  const { code, message } = answer.error;
  throw new DomainError(code in ERRORS ? (code as ErrorCode) : "INTERNAL", message);
}

/** Asks again where Lambda turned the request away before the broker saw it. */
async function invoke(options: BrokerOptions, request: BrokerRequest): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(options, JSON.stringify(request));
    const turnedAway = answer.status === 429 || answer.status >= 500;
    if (turnedAway && attempt < ATTEMPTS) {
      await answer.body?.cancel();
      await new Promise((wake) => setTimeout(wake, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
      continue;
    }

    if (!answer.ok || answer.headers.has("x-amz-function-error")) throw silent();
    return await answer.json();
  }
}

async function send(
  { functionName, signer, endpoint, timeoutMs = TIMEOUT_MS }: BrokerOptions,
  body: string,
): Promise<Response> {
  const { region, sessionToken, ...keys } = await signer();
  const base = endpoint?.replace(/\/$/, "") ?? `https://lambda.${region}.amazonaws.com`;
  const signed = await new AwsV4Signer({
    ...keys,
    ...(sessionToken && { sessionToken }),
    method: "POST",
    url: `${base}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
    headers: { "content-type": "application/json" },
    body,
    service: "lambda",
    region,
  }).sign();

  try {
    const { method, url, headers } = signed;
    return await fetch(url, { method, headers, body, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw silent(cause);
  }
}

const silent = (cause?: unknown) =>
  new DomainError(
    "INTERNAL",
    "The credential broker does not answer. Try again later.",
    {},
    { cause },
  );
