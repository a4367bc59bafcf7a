import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Answer, Route, Sandbox } from "./answer.ts";
import { ApiError } from "./api-error.ts";
import { controlRoutes } from "./control-routes.ts";
import { failBody, misbehave } from "./faulty-answers.ts";
import { findRoute } from "./match-route.ts";
import { readBody } from "./request-body.ts";
import type { Vendor } from "./vendor.ts";

const CONTROL = /^\/__control(\/.*)$/;
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** A request, and whose site it is put to. */
type SiteRequest<State> = {
  request: IncomingMessage;
  url: URL;
  vendor: Vendor<State>;
  sandbox: Sandbox<State>;
};

/** The site on HTTP. It is not listening yet; whoever listens must do so on loopback. */
export function createSiteServer<State>(
  vendor: Vendor<State>,
  sandbox: Sandbox<State>,
  reset: () => void,
): Server {
  const control = [...vendor.edits, ...controlRoutes(vendor.truth, reset)];

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(`http://${request.headers.host ?? "127.0.0.1"}${request.url}`);
    const path = CONTROL.exec(url.pathname)?.[1];
    if (path !== undefined)
      return send(response, await dispatch(control, path, { request, url, vendor, sandbox }));

    await pause(sandbox.faults.settings().latencyMs);
    const seen = vendor.seenBy(sandbox);
    const mode = sandbox.faults.mode(request.method !== "GET" && request.method !== "HEAD");
    const asked = { request, url, vendor, sandbox: seen };
    const answer = mode === "expired" ? expired(asked) : await apiAnswer(asked);
    // Whoever waits learns nothing, not even that the connection is gone.
    if (mode === "hang") return;

    const failure = sandbox.faults.failure();
    if (failure === undefined) send(response, misbehave(mode, answer));
    else failBody(response, answer, failure);
  };

  return createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
}

function expired<State>(asked: SiteRequest<State>): Answer {
  count(asked, asked.vendor.api.exec(asked.url.pathname)?.[1]);
  return asked.vendor.refusals.unauthorized();
}

async function apiAnswer<State>(asked: SiteRequest<State>): Promise<Answer> {
  const { request, url, vendor, sandbox } = asked;
  const { credentials, refusals, removed } = vendor;
  const path = vendor.api.exec(url.pathname)?.[1];
  count(asked, path);

  const wait = sandbox.faults.overRate(sandbox.now());
  if (wait !== undefined) return refusals.tooMany(wait, sandbox);
  const open = path !== undefined && credentials.open.has(path);
  if (request.headers.authorization !== credentials.authorization && !open)
    return refusals.unauthorized();
  if (removed?.addresses.test(url.pathname)) return removed.answer();
  if (path === undefined) return refusals.notFound(url.pathname);

  return dispatch(vendor.routes, path, asked);
}

async function dispatch<State>(
  routes: readonly Route<State>[],
  path: string,
  { request, url, vendor: { refusals }, sandbox }: SiteRequest<State>,
): Promise<Answer> {
  const found = findRoute(routes, request.method ?? "", path);
  if (found === undefined) return refusals.notFound(url.pathname);
  if (found === "method") return refusals.error(405, "Method Not Allowed");

  try {
    const body = WITH_BODY.has(request.method ?? "") ? await readBody(request) : undefined;
    return found.route.answer({
      sandbox,
      path: found.path,
      query: url.searchParams,
      body,
      headers: request.headers,
      origin: url.origin,
    });
  } catch (error) {
    if (error instanceof ApiError) return refusals.error(error.status, error.message);
    if (error instanceof RangeError) return refusals.error(400, error.message);
    throw error;
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
function count<State>(
  { request, url, vendor, sandbox }: SiteRequest<State>,
  path: string | undefined,
): void {
  const method = request.method ?? "";
  const found = path === undefined ? undefined : findRoute(vendor.routes, method, path);
  const known = found === undefined || found === "method" ? undefined : found.route.path;
  const { removed } = vendor;
  const name = known ?? (removed?.addresses.test(url.pathname) ? removed.path : "unknown");
  const key = `${method} ${name}`;
  sandbox.stats.set(key, (sandbox.stats.get(key) ?? 0) + 1);
}

const pause = (ms: number) =>
  ms > 0 ? new Promise<void>((resume) => setTimeout(resume, ms)) : undefined;
