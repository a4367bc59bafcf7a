/**
 * The page on which the browser ends: without script, style sheet, form or picture, and without
 * anything that came in the address.
 */
import { createHash } from "node:crypto";
import { Problem } from "../../schemas/error.ts";
import { OAuthCallbackResult } from "../../schemas/oauth.ts";
import type { GatewayResponse } from "../runtime/gateway-event.ts";

const STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}" +
  "kbd{font:600 1.5rem ui-monospace,monospace;letter-spacing:.1em}";
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; ` +
    "form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
};

/** The same answer for people. */
export function pageOf(answer: GatewayResponse): GatewayResponse {
  const { title, text, confirmation } = saidIn(JSON.parse(answer.body));
  const letters = confirmation === undefined ? "" : `<p><kbd>${escaped(confirmation)}</kbd></p>`;
  const body =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>` +
    `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head>` +
    `<body><h1>${escaped(title)}</h1><p>${escaped(text)}</p>${letters}</body></html>`;

  return { ...answer, headers: { ...answer.headers, ...HEADERS }, body };
}

interface Said {
  readonly title: string;
  readonly text: string;
  readonly confirmation?: string;
}

function saidIn(answer: unknown): Said {
  const result = OAuthCallbackResult.safeParse(answer);
  if (!result.success) {
    const { detail } = Problem.parse(answer);
    return { title: "The authorization failed", text: detail };
  }

  const { data } = result;
  if (data.status === "UNCONFIRMED") {
    const { message, confirmation } = data;
    return { title: "One step is left", text: message, confirmation };
  }
  return {
    title: "The authorization succeeded",
    text: `${data.message} You can close this page.`,
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (one) => ENTITIES[one] ?? "");
