/** One HTTP exchange with the API. The token goes into one header and nowhere else. */
import { UnreachableError } from "./errors.ts";
import type { Request } from "./request.ts";

export interface ClientOptions {
  /** Address of the API, with the path of its stage if it has one. */
  readonly baseUrl: string;
  /** Asked before every request, so that a session can renew it; null sends none. */
  readonly token: () => string | null | Promise<string | null>;
  /** Who asks, for the API's logs. A browser says its own. */
  readonly userAgent?: string;
  /** The gateway answers within 30 s or not at all. */
  readonly timeoutMillis?: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type Exchange = (request: Request) => Promise<RawAnswer>;

const TIMEOUT_MILLIS = 40_000;

/** Answers whatever the status is. Throws UnreachableError when no answer comes. */
export function exchangeWith(options: ClientOptions): Exchange {
  const { userAgent, timeoutMillis = TIMEOUT_MILLIS } = options;
  const baseUrl = options.baseUrl.replace(/\/$/, "");

  return async ({ method, path, headers, body = null }) => {
    const token = await options.token();
    const sent = {
      ...headers,
      ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    };

    try {
      const response = await fetch(baseUrl + path, {
        method,
        headers: sent,
        body,
        // A redirect would carry the token to wherever it points.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMillis),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      const reason = reasonOf(error, timeoutMillis);
      throw new UnreachableError(`${options.baseUrl} does not answer (${reason}).`, false);
    }
  };
}

function reasonOf(error: unknown, timeoutMillis: number): string {
  const { name, cause } = error as { name: string; cause?: { code?: string } };
  if (name === "TimeoutError") return `no answer in ${timeoutMillis / 1000} s`;
  return cause?.code ?? "no connection";
}
