/** The built command as a process, against an API on loopback that answers what each test says. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { ERRORS, type ErrorCode } from "../schemas/errors.ts";
import { buildCli } from "./build.ts";

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** A body that is no JSON. */
  readonly raw?: string;
  readonly headers?: Record<string, string>;
}
interface Asked {
  readonly call: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export const TOKEN = "eyJ.secret-token.sig";

/** By `METHOD path`: replies in order, the last one again and again. */
export const replies: Record<string, Reply[]> = {};
export const asked: Asked[] = [];

const server = createServer(async (request, response) => {
  const chunks = await request.toArray();
  const text = Buffer.concat(chunks).toString();
  const call = `${request.method} ${request.url}`;
  asked.push({ call, headers: request.headers, body: text ? JSON.parse(text) : undefined });

  const queue = replies[call] ?? [problem("NOT_FOUND", `No reply to ${call}.`)];
  const { status, body, raw, headers } = (queue.length > 1 ? queue.shift() : queue[0]) as Reply;

  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(raw ?? (body === undefined ? "" : JSON.stringify(body)));
});
await once(server.listen(0, "127.0.0.1"), "listening");
export const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;

/** Where the command lies, runs and keeps its profiles. */
export const home = mkdtempSync(join(tmpdir(), "inlet-cli-"));

beforeAll(async () => {
  mkdirSync(join(home, "bin"));
  // As it is published: the starter and one built file.
  copyFileSync(join(import.meta.dirname, "bin/inlet.mjs"), join(home, "bin/inlet.mjs"));
  await buildCli(join(home, "dist"));
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  for (const call of Object.keys(replies)) delete replies[call];
  asked.length = 0;
});

export function inlet(
  args: string[],
  { env = {}, input = "" }: { env?: Record<string, string>; input?: string } = {},
) {
  const given = {
    PATH: process.env.PATH,
    XDG_CONFIG_HOME: home,
    INLET_API_URL: apiUrl,
    INLET_TOKEN: TOKEN,
    ...env,
  };
  const child = spawn(process.execPath, [join(home, "bin/inlet.mjs"), ...args], {
    env: given,
    cwd: home,
  });
  child.stdin.end(input);
  return new Promise<{ code: number | null; out: string; err: string }>((ended) => {
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.on("close", (code) => ended({ code, out, err }));
  });
}

export function problem(code: ErrorCode, detail: string, more: object = {}): Reply {
  const { status, title } = ERRORS[code];
  return {
    status,
    body: { type: "about:blank", title, status, detail, code, requestId: "req-1", ...more },
  };
}

export const aRun = (over: object) => ({
  runId: "run_01JD0000000000000000000001",
  unitId: "jira.issues",
  queuedAt: "2026-11-21T06:00:00Z",
  startedAt: null,
  finishedAt: null,
  progress: null,
  waiting: null,
  evidence: [],
  error: null,
  stats: { read: 3, landed: 3 },
  ...over,
});
export const finished = (status: string, over = {}) => ({
  status: 200,
  body: aRun({ status, finishedAt: "2026-11-21T06:00:05Z", ...over }),
});
