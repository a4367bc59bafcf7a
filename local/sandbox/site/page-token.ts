import { createHmac } from "node:crypto";
import { badRequest } from "./api-error.ts";

const LIFETIME_MS = 7 * 86_400_000;

/** Tokens that hold a place, of the vendor's own shape, in the answer to a query. */
export type PageTokens<Position> = {
  /** A token for the page after `last`, good for seven days and for this query only. */
  seal: (query: string, last: Position, nowMs: number) => string;
  /** Throws a 400 if the token was altered, belongs to another query, or has expired. */
  open: (token: string, query: string, nowMs: number) => Position;
};

/** Tokens of one seed hold across restarts, as a run that outlives the sandbox expects. */
export function createPageTokens<Position>(seed: number): PageTokens<Position> {
  const sign = (payload: string, query: string) =>
    createHmac("sha256", `inlet-sandbox/${seed}`)
      .update(payload)
      .update("\n")
      .update(query)
      .digest("base64url")
      .slice(0, 22);

  return {
    seal: (query, last, nowMs) => {
      const payload = Buffer.from(JSON.stringify({ ...last, until: nowMs + LIFETIME_MS })).toString(
        "base64url",
      );
      return `${payload}.${sign(payload, query)}`;
    },
    open: (token, query, nowMs) => {
      const [payload = "", signature = ""] = token.split(".");
      if (sign(payload, query) !== signature) throw invalid();
      const { until, ...position } = JSON.parse(Buffer.from(payload, "base64url").toString());
      if (until < nowMs) throw invalid();
      return position;
    },
  };
}

const invalid = () =>
  badRequest("The nextPageToken is invalid, has expired or belongs to another query.");
