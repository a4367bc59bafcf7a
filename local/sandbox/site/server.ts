import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { controlRoutes } from "../jira/control-routes.ts";
import { directoryRoutes } from "../jira/directory-routes.ts";
import { issueRoutes } from "../jira/issue-routes.ts";
import { searchRoutes } from "../jira/search-routes.ts";
import { siteViewer } from "../jira/visible-site.ts";
import { worklogFeedRoutes } from "../jira/worklog-feed-routes.ts";
import { type Answer, type Call, errorAnswer, json, type Route, type Sandbox } from "./answer.ts";
import { ApiError } from "./api-error.ts";
import { failBody, misbehave, tooMany } from "./faulty-answers.ts";
import { findRoute } from "./match-route.ts";

const API = /^\/rest\/api\/(?:3|latest)(\/.*)$/;
const CONTROL = /^\/__control(\/.*)$/;
const REMOVED = /^\/rest\/api\/(2|3|latest)\/search\/?$/;
const MAX_BODY_BYTES = 2_000_000;
const ROUTES: Route[] = [...searchRoutes, ...issueRoutes, ...worklogFeedRoutes, ...directoryRoutes];

export type ServerOptions = { sandbox: Sandbox; reset: () => void; user: string; token: string };

/** The site on HTTP. It is not listening yet; whoever listens must do so on loopback. */
export function createSandboxServer({ sandbox, reset, user, token }: ServerOptions): Server {
  const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
  const control = controlRoutes(reset);
  const view = siteViewer();
  const seenBy = (whole: Sandbox): Sandbox => ({
    ...whole,
    site: view(whole.site, whole.faults.hiddenProject()),
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(`http://${request.headers.host ?? "127.0.0.1"}${request.url}`);
    const path = CONTROL.exec(url.pathname)?.[1];
    if (path !== undefined)
      return send(response, await dispatch(control, path, url, request, sandbox));
    await pause(sandbox.faults.settings().latencyMs);
    const answer = await apiAnswer({ url, request, sandbox: seenBy(sandbox), authorization });
    const failure = sandbox.faults.failure();
    if (failure === undefined) send(response, misbehave(sandbox.faults.settings(), answer));
    else failBody(response, answer, failure);
  };
  return createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
}

type ApiRequest = { url: URL; request: IncomingMessage; sandbox: Sandbox; authorization: string };

async function apiAnswer({ url, request, sandbox, authorization }: ApiRequest): Promise<Answer> {
  const path = API.exec(url.pathname)?.[1];
  count(sandbox, request.method ?? "", url.pathname, path);
  const wait = sandbox.faults.overRate(sandbox.now());
  if (wait !== undefined) return tooMany(wait, sandbox);
  if (request.headers.authorization !== authorization && path !== "/serverInfo")
    return unauthorized();
  if (REMOVED.test(url.pathname)) return gone();
  return path === undefined
    ? notFound(url.pathname)
    : dispatch(ROUTES, path, url, request, sandbox);
}

async function dispatch(
  routes: readonly Route[],
  path: string,
  url: URL,
  request: IncomingMessage,
  sandbox: Sandbox,
): Promise<Answer> {
  const found = findRoute(routes, request.method ?? "", path);
  if (found === undefined) return notFound(url.pathname);
  if (found === "method") return errorAnswer(405, "Method Not Allowed");
  try {
    const body = request.method === "POST" ? await readBody(request) : undefined;
    const call: Call = {
      sandbox,
      path: found.path,
      query: url.searchParams,
      body,
      origin: url.origin,
    };
    return found.route.answer(call);
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error.status, error.message);
    if (error instanceof RangeError) return errorAnswer(400, error.message);
    throw error;
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new ApiError(413, "The request body is too large.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString() || "{}");
  } catch {
    throw new ApiError(
      400,
      "There was an error parsing JSON. Check that your request body is valid.",
    );
  }
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, {
    "content-type": "application/json;charset=UTF-8",
    "content-length": body.length,
    ...headers,
  });
  response.end(body);
}

/** Counted as `GET /issue/{id}`, so that a test can say how many requests a run may cost. */
function count(
  { stats }: Sandbox,
  method: string,
  pathname: string,
  path: string | undefined,
): void {
  const found = path === undefined ? undefined : findRoute(ROUTES, method, path);
  const known = found === undefined || found === "method" ? undefined : found.route.path;
  const name = known ?? (REMOVED.test(pathname) ? "/search" : "unknown");
  stats.set(`${method} ${name}`, (stats.get(`${method} ${name}`) ?? 0) + 1);
}

function unauthorized(): Answer {
  const answer = errorAnswer(401, "Client must be authenticated to access this resource.");
  return { ...answer, headers: { "www-authenticate": 'OAuth realm="inlet-sandbox"' } };
}

const gone = () =>
  errorAnswer(
    410,
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046",
  );

const notFound = (pathname: string) =>
  json({ message: `null for uri: ${pathname}`, "status-code": 404 }, 404);

const pause = (ms: number) =>
  ms > 0 ? new Promise<void>((resume) => setTimeout(resume, ms)) : undefined;
