/**
 * Refusals of Jira Cloud: https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/ and
 * https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
 */
import type { Refusal, VendorAnswer } from "../plugin.ts";
import { isObject, looseObjectOf } from "../requests/json-messages.ts";
import { refusalByStatus, wordsOf } from "../requests/refusals.ts";

const BY_STATUS = {
  404: {
    kind: "NOT_FOUND",
    message: "Jira answers that it does not exist, or that the account may not see it.",
  },
  409: { kind: "INVALID", message: "Jira's state does not allow that now. Read it again first." },
  410: { kind: "OTHER", message: "Jira removed this API. Upgrade the connector." },
} as const;

/** Values of `X-Seraph-LoginReason` but `OK` (com.atlassian.seraph.auth.LoginReason). */
const NOT_LOGGED_IN = /\b(AUTHENTICATED_FAILED|AUTHENTICATION_DENIED|AUTHORISATION_FAILED|OUT)\b/;

/** Which of the three limits was met; each is another's to wait for. */
const LIMITS: Readonly<Record<string, string>> = {
  "jira-quota-global-based": "The app's quota of the hour is used up. Try again in the next hour.",
  "jira-quota-tenant-based": "The site's quota of the hour is used up. Try again in the next hour.",
  "jira-burst-based": "Jira is asked too often in one second. Try again later.",
  "jira-per-issue-on-write": "The issue is changed too often. Try again later.",
};

export function refusal(answer: VendorAnswer): Refusal | undefined {
  const notLoggedIn = loginRefused(answer);
  if (notLoggedIn !== undefined) return notLoggedIn;
  const found = refusalByStatus(answer, { vendor: "Jira", byStatus: BY_STATUS });
  if (found === undefined) return undefined;

  const { errorMessages, errors } = looseObjectOf(answer);
  const refused = isObject(errors) ? errors : {};
  const vendorMessage = wordsOf(errorMessages, ...Object.values(refused));
  return {
    ...found,
    ...meant(found, answer, Object.keys(refused)),
    ...(vendorMessage !== undefined && { vendorMessage }),
  };
}

function meant(found: Refusal, { headers }: VendorAnswer, fields: string[]) {
  if (found.kind === "RATE")
    return { message: LIMITS[headers["ratelimit-reason"] ?? ""] ?? found.message };

  const named = fields.filter((name) => /^[A-Za-z][\w.-]{0,63}$/.test(name)).slice(0, 20);
  return found.kind === "INVALID" && named.length > 0
    ? { message: `Jira refuses the fields ${named.join(", ")}. Correct them.` }
    : {};
}

/**
 * Jira answers who is not logged in as it answers anybody, with 200 and what anybody may see. Only
 * a header tells.
 */
function loginRefused({ status, headers }: VendorAnswer): Refusal | undefined {
  const reason = NOT_LOGGED_IN.exec(headers["x-seraph-loginreason"] ?? "")?.[0];
  if (reason === undefined) return undefined;

  const message =
    reason === "AUTHENTICATION_DENIED"
      ? "Jira asks for a CAPTCHA. Log in with a browser once, then try again."
      : "Jira does not log this account in. Store a valid credential, or authorize again.";
  return { kind: "AUTH", message, notDone: status >= 400 && status < 500 };
}
