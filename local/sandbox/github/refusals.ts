/** Refusals in GitHub's words and with its headers. */
import { type Answer, json } from "../site/answer.ts";
import { ApiError } from "../site/api-error.ts";
import type { Refusals } from "../site/vendor.ts";
import type { GithubState } from "./state.ts";

const DOCS = "https://docs.github.com/rest";

export const refusals: Refusals<GithubState> = {
  error: (status, message) => error(status, message),
  unauthorized: () => error(401, "Bad credentials"),
  notFound: () => error(404, "Not Found"),
  tooMany: (waitSeconds, { now }) => ({
    ...error(403, "API rate limit exceeded for user ID 1."),
    headers: {
      "x-ratelimit-limit": "5000",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(Math.ceil(now() / 1000) + waitSeconds),
    },
  }),
};

export const notFound = () => new ApiError(404, "Not Found");

/** What is refused of which field. */
export function invalid(resource: string, field: string, code: string): Answer {
  return error(422, "Validation Failed", [{ resource, field, code }]);
}

function error(status: number, message: string, errors?: object[]): Answer {
  return json({ message, errors, documentation_url: DOCS, status: String(status) }, status);
}
