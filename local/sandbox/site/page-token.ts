import { createHmac } from "node:crypto";
import type { Position } from "../jira/jql-evaluate.ts";
import { badRequest } from "./api-error.ts";

const LIFETIME_MS = 7 * 86_400_000;

export type PageTokens = {
  /** A token for the page after `last`, good for seven days and for this query only. */
  seal: (jql: string, last: Position, nowMs: number) => string;
  /** Throws a 400 if the token was altered, belongs to another query, or has expired. */
  open: (token: string, jql: string, nowMs: number) => Position;
};

/** Tokens of one seed hold across restarts, as a run that outlives the sandbox expects. */
export function createPageTokens(seed: number): PageTokens {
  const sign = (payload: string, jql: string) =>
    createHmac("sha256", `inlet-sandbox/${seed}`)
      .update(payload)
      .update("\n")
      .update(jql)
      .digest("base64url")
      .slice(0, 22);
  return {
    seal: (jql, last, nowMs) => {
      const payload = Buffer.from(JSON.stringify({ ...last, until: nowMs + LIFETIME_MS })).toString(
        "base64url",
      );
      return `${payload}.${sign(payload, jql)}`;
    },
    open: (token, jql, nowMs) => {
      const [payload = "", signature = ""] = token.split(".");
      if (sign(payload, jql) !== signature) throw invalid();
      const { until, ...position } = JSON.parse(
        Buffer.from(payload, "base64url").toString(),
      ) as Position & {
        until: number;
      };
      if (until < nowMs) throw invalid();
      return position;
    },
  };
}

const invalid = () =>
  badRequest("The nextPageToken is invalid, has expired or belongs to another query.");
