/** Refusals in Jira's words and with its headers. */
import { type Answer, json } from "../site/answer.ts";
import { ApiError } from "../site/api-error.ts";
import type { Refusals } from "../site/vendor.ts";
import type { Issue } from "./site.ts";
import type { JiraState, Sandbox } from "./state.ts";

export const refusals: Refusals<JiraState> = { error, unauthorized, notFound, tooMany };

function error(status: number, message: string): Answer {
  return json({ errorMessages: [message], errors: {} }, status);
}

function unauthorized(): Answer {
  const answer = error(401, "Client must be authenticated to access this resource.");
  return { ...answer, headers: { "www-authenticate": 'OAuth realm="inlet-sandbox"' } };
}

function notFound(pathname: string): Answer {
  return json({ message: `null for uri: ${pathname}`, "status-code": 404 }, 404);
}

/** 429 with the headers of a burst limit. */
function tooMany(waitSeconds: number, { faults, now }: Sandbox): Answer {
  return {
    ...error(429, "Rate limit exceeded."),
    headers: {
      "retry-after": String(waitSeconds),
      "x-ratelimit-limit": String(faults.settings().rate),
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": new Date(now() + waitSeconds * 1000).toISOString(),
      "ratelimit-reason": "jira-burst-based",
    },
  };
}

/** The search that was removed in 2025. */
export function gone(): Answer {
  return error(
    410,
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. " +
      "A full migration guideline is available at " +
      "https://developer.atlassian.com/changelog/#CHANGE-2046",
  );
}

export const noSuchIssue = () =>
  new ApiError(404, "Issue does not exist or you do not have permission to see it.");

export const forbiddenError = () =>
  new ApiError(403, "You do not have permission to view this project.");

/** Throws a 403 if one of the issues is in the project that the fault mode closed. */
export function refuseForbidden({ faults }: Sandbox, issues: Iterable<Issue>): void {
  const forbidden = faults.forbidden();
  if (forbidden === undefined) return;
  for (const issue of issues) if (issue.project.key === forbidden) throw forbiddenError();
}
