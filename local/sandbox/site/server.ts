import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Answer, Route, Sandbox } from "./answer.ts";
import { ApiError } from "./api-error.ts";
import { controlRoutes } from "./control-routes.ts";
import { failBody, misbehave } from "./faulty-answers.ts";
import { findRoute } from "./match-route.ts";
import type { Vendor } from "./vendor.ts";

const CONTROL = /^\/__control(\/.*)$/;
const MAX_BODY_BYTES = 2_000_000;

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
    const answer = await apiAnswer({ request, url, vendor, sandbox: seen });
    const failure = sandbox.faults.failure();
    if (failure === undefined) send(response, misbehave(sandbox.faults.settings(), answer));
    else failBody(response, answer, failure);
  };

  return createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
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
    const body = request.method === "POST" ? await readBody(request) : undefined;
    return found.route.answer({
      sandbox,
      path: found.path,
      query: url.searchParams,
      body,
      origin: url.origin,
    });
  } catch (error) {
    if (error instanceof ApiError) return refusals.error(error.status, error.message);
    if (error instanceof RangeError) return refusals.error(400, error.message);
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
