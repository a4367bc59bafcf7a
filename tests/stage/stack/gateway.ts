/**
 * Atlassian's gateway in front of a sandbox: it renews OAuth tokens, which end after some seconds,
 * and lets in who has one that is good. What it lets in it keeps waiting, so that runs are long.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startTokenServer } from "../token-server.ts";
import type { Site } from "./site.ts";

export const CLOUD_ID = "1324a887-45db-1bf4-1e99-ef0ff456d421";
const API = `/ex/jira/${CLOUD_ID}`;

export interface Gateway {
  readonly url: string;
  /** A client with a refresh token of its own, as an authorization leaves it. */
  readonly authorized: () => Record<string, string>;
  /** Lets this access token in from now on, for so many seconds. */
  readonly takes: (accessToken: string, seconds: number) => void;
  /** Lets it in no more. */
  readonly revokes: (accessToken: string) => void;
  /** Access tokens that were let in, in the order of their first use. */
  readonly used: () => string[];
  readonly counts: { renewed: number; refused: number; answered: number };
  readonly close: () => Promise<void>;
}

export async function aGateway(
  site: Site,
  { lifeSeconds, paceMs }: { readonly lifeSeconds: number; readonly paceMs: number },
): Promise<Gateway> {
  const tokens = await startTokenServer({ lifeSeconds });
  const goodUntil = new Map<string, number>();
  const used = new Set<string>();
  const counts = { renewed: 0, refused: 0, answered: 0 };
  const takes = (token: string, seconds: number) =>
    void goodUntil.set(token, Date.now() + seconds * 1000);

  async function renewed(body: string, contentType: string): Promise<Answer> {
    const headers = { "content-type": contentType };
    const answer = await fetch(tokens.tokenUrl, { method: "POST", body, headers });
    const said = (await answer.json()) as { access_token?: string };
    if (said.access_token) {
      counts.renewed++;
      takes(said.access_token, lifeSeconds);
    }
    return { status: answer.status, body: JSON.stringify(said) };
  }

  async function passedOn(request: IncomingMessage, path: string, body: string): Promise<Answer> {
    const [, token = ""] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    if ((goodUntil.get(token) ?? 0) <= Date.now()) {
      counts.refused++;
      return { status: 401, body: JSON.stringify({ code: 401, message: "Unauthorized" }) };
    }
    used.add(token);
    counts.answered++;
    await new Promise((wake) => setTimeout(wake, paceMs));
    if (!path.startsWith(API)) return { status: 200, body: JSON.stringify([listed(site)]) };
    return asked(site, request, path.slice(API.length), body);
  }

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const piece of request) body += piece;
    const { url: path = "/", headers } = request;
    const type = headers["content-type"] ?? "";
    const said = path === "/oauth/token" ? renewed(body, type) : passedOn(request, path, body);
    const { status, body: text } = await said;
    response.writeHead(status, { "content-type": "application/json" }).end(text);
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorized: () => ({ ...tokens.client, ...tokens.authorize() }),
    takes,
    revokes: (token) => void goodUntil.delete(token),
    used: () => [...used],
    counts,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await tokens.close();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const listed = ({ url }: Site) => ({ id: CLOUD_ID, url, name: "Sandbox", scopes: [] });

/** The site itself, as the account that the token is of. */
async function asked(
  { url, email, token }: Site,
  { method = "GET", headers }: IncomingMessage,
  path: string,
  body: string,
): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`${email}:${token}`).toString("base64")}`;
  const type = headers["content-type"];
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization, ...(type && { "content-type": type }) },
    ...(method !== "GET" && { body }),
  });
  return { status: answer.status, body: await answer.text() };
}
