import type { ServerResponse } from "node:http";
import type { Answer } from "./answer.ts";

const LOGIN_PAGE =
  "<!DOCTYPE html><html><head><title>Log in</title></head><body>Log in to continue</body></html>";

/**
 * The modes in which every answer is wrong, yet complete as HTTP: a proxy's login page, a JSON text
 * that stops.
 */
export function misbehave(mode: string | null, answer: Answer): Answer {
  if (mode === "html") {
    return {
      status: 200,
      body: Buffer.from(LOGIN_PAGE),
      headers: { "content-type": "text/html;charset=UTF-8" },
    };
  }
  if (mode === "truncated")
    return { ...answer, body: answer.body.subarray(0, Math.floor(answer.body.length / 2)) };
  if (mode === "lost") return { status: 500, body: Buffer.from("Internal Server Error") };
  return answer;
}

/** A passing failure: 503, or a connection that breaks in the middle of the body. */
export function failBody(
  response: ServerResponse,
  { status, body }: Answer,
  failure: "unavailable" | "cut",
): void {
  if (failure === "unavailable") {
    response
      .writeHead(503, { "content-type": "text/html", "retry-after": "1" })
      .end("<html>Service Unavailable</html>");
    return;
  }

  response.writeHead(status, {
    "content-type": "application/json;charset=UTF-8",
    "content-length": body.length,
  });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}
