/** The built command as a process, against an API on loopback that answers what each test says. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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

const TOKEN = "eyJ.secret-token.sig";
let home: string;
let server: Server;
let apiUrl: string;
/** By `METHOD path`: replies in order, the last one again and again. */
let replies: Record<string, Reply[]>;
let asked: Asked[];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "inlet-cli-"));
  mkdirSync(join(home, "bin"));
  // As it is published: the starter and one built file.
  copyFileSync(join(import.meta.dirname, "bin/inlet.mjs"), join(home, "bin/inlet.mjs"));
  await buildCli(join(home, "dist"));
  server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const text = Buffer.concat(chunks).toString();
    const call = `${request.method} ${request.url}`;
    asked.push({ call, headers: request.headers, body: text ? JSON.parse(text) : undefined });
    const queue = replies[call] ?? [problem("NOT_FOUND", `No reply to ${call}.`)];
    const { status, body, raw, headers } = (queue.length > 1 ? queue.shift() : queue[0]) as Reply;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(raw ?? (body === undefined ? "" : JSON.stringify(body)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  replies = {};
  asked = [];
});

function inlet(
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

function problem(code: ErrorCode, detail: string, more: object = {}): Reply {
  const { status, title } = ERRORS[code];
  return {
    status,
    body: { type: "about:blank", title, status, detail, code, requestId: "req-1", ...more },
  };
}

const aRun = (over: object) => ({
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
const finished = (status: string, over = {}) => ({
  status: 200,
  body: aRun({ status, finishedAt: "2026-11-21T06:00:05Z", ...over }),
});

describe("what is asked of the API", () => {
  it("goes to the API's base path with the token", async () => {
    replies["GET /v1/sinks?limit=5"] = [{ status: 200, body: { items: [], nextCursor: null } }];
    expect(await inlet(["sinks", "list", "--limit", "5"])).toEqual({
      code: 0,
      out: "None.\n",
      err: "",
    });
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it("follows the pages", async () => {
    replies["GET /v1/runs"] = [
      { status: 200, body: { items: [{ runId: "a" }], nextCursor: "c/1" } },
    ];
    replies["GET /v1/runs?cursor=c%2F1"] = [
      { status: 200, body: { items: [{ runId: "b" }], nextCursor: null } },
    ];
    const { code, out } = await inlet(["runs", "list", "--all", "--json"]);
    expect({ code, body: JSON.parse(out) }).toEqual({
      code: 0,
      body: { items: [{ runId: "a" }, { runId: "b" }], nextCursor: null },
    });
  });

  it("changes what stands now, or only the version that is named", async () => {
    replies["GET /v1/endpoints/ep_01JD0000000000000000000001"] = [
      { status: 200, body: { version: 7 }, headers: { etag: '"7"' } },
    ];
    replies["PATCH /v1/endpoints/ep_01JD0000000000000000000001"] = [
      { status: 200, body: { version: 8 } },
    ];
    await inlet(["endpoints", "update", "ep_01JD0000000000000000000001", "--no-enabled"]);
    await inlet([
      "endpoints",
      "update",
      "ep_01JD0000000000000000000001",
      "--no-enabled",
      "--if-match",
      "3",
    ]);
    const patches = asked.filter(({ call }) => call.startsWith("PATCH"));
    expect(patches.map(({ headers, body }) => [headers["if-match"], body])).toEqual([
      ['"7"', { enabled: false }],
      ['"3"', { enabled: false }],
    ]);
  });

  it("a first configuration has no version", async () => {
    replies["PUT /v1/endpoints/ep_01JD0000000000000000000001/units/jira.u/config"] = [
      { status: 201, body: { version: 1 } },
    ];
    const { code } = await inlet([
      "units",
      "configure",
      "ep_01JD0000000000000000000001",
      "jira.u",
      "--schedule",
      "15m",
    ]);
    expect([code, asked.at(-1)?.headers["if-match"]]).toEqual([0, undefined]);
  });

  it("secrets come from standard input", async () => {
    replies["PUT /v1/sinks/snk_01JD0000000000000000000001/credentials"] = [
      { status: 200, body: { sinkId: "s" } },
    ];
    const args = [
      "sinks",
      "set-credentials",
      "snk_01JD0000000000000000000001",
      "--auth-type",
      "password",
      "--secret",
      "@-",
    ];
    const { code } = await inlet(args, { input: '{"password":"hunter2"}' });
    expect([code, asked[0]?.body]).toEqual([
      0,
      { authType: "password", secret: { password: "hunter2" } },
    ]);
  });
});

describe("names", () => {
  const endpoints = [{ endpointId: "ep_01JD0000000000000000000001", name: "Jira", slug: "jira" }];

  it("are looked up, and what is sent holds ids", async () => {
    replies["GET /v1/endpoints?search=JIRA&limit=100"] = [
      { status: 200, body: { items: endpoints, nextCursor: null } },
    ];
    const path = "/v1/endpoints/ep_01JD0000000000000000000001/health";
    replies[`GET ${path}`] = [{ status: 200, body: { healthy: true } }];
    expect((await inlet(["endpoints", "health", "JIRA"])).code).toBe(0);
    expect(asked.map(({ call }) => call)).toEqual([
      "GET /v1/endpoints?search=JIRA&limit=100",
      `GET ${path}`,
    ]);
  });

  it.each([
    ["runs", "list", "--endpoint", "nope"],
    ["runs", "list", "--endpoint-id", "nope"],
    ["endpoints", "get", "nope"],
    ["units", "list", "nope"],
    ["kb", "list", "--scope", "nope"],
  ])("%s %s %s %s: an unknown one is not found, with the names there are", async (...args) => {
    replies["GET /v1/endpoints?search=nope&limit=100"] = [
      { status: 200, body: { items: [], nextCursor: null } },
    ];
    replies["GET /v1/endpoints"] = [{ status: 200, body: { items: endpoints, nextCursor: null } }];
    const { code, out, err } = await inlet(args);
    expect([code, out]).toEqual([4, ""]);
    expect(err).toContain(
      "There is no endpoint nope. There are: jira. List them with `inlet endpoints list`.",
    );
  });

  it("an id in a filter that nothing has is not found either", async () => {
    const path = "/v1/runs?endpointId=ep_01JD0000000000000000000002";
    replies[`GET ${path}`] = [{ status: 200, body: { items: [], nextCursor: null } }];
    const { code, out } = await inlet([
      "runs",
      "list",
      "--endpoint",
      "ep_01JD0000000000000000000002",
    ]);
    expect([code, out]).toEqual([4, ""]);
  });

  it("former verbs and options are understood, and shown nowhere", async () => {
    replies["GET /v1/kb/nodes"] = [
      { status: 200, body: { items: [{ logicalId: "a" }], nextCursor: null } },
    ];
    expect((await inlet(["kb", "nodes-list"])).code).toBe(0);
    expect((await inlet(["kb", "--help"])).out).not.toContain("nodes-");
    expect((await inlet(["runs", "list", "--help"])).out).not.toContain("--endpoint-id");
  });
});

describe("exit codes", () => {
  it.each([
    ["CONFIG_INVALID", 2],
    ["UNAUTHENTICATED", 3],
    ["FORBIDDEN", 3],
    ["NOT_FOUND", 4],
    ["RUN_ACTIVE", 5],
    ["STALE_VERSION", 5],
    ["INTERNAL", 7],
  ] as const)("%s exits with %i, saying what to do and no token", async (code, exit) => {
    replies["GET /v1/runs/run_01JD0000000000000000000001"] = [problem(code, "It is so. Do this.")];
    const {
      code: exited,
      out,
      err,
    } = await inlet(["runs", "get", "run_01JD0000000000000000000001"]);
    expect({ exited, out }).toEqual({ exited: exit, out: "" });
    expect(err).toContain(`error: ${ERRORS[code].title} (${code})\n  It is so. Do this.\n`);
    expect(err).not.toContain(TOKEN);
  });

  it("remedies are commands, with what was typed filled in", async () => {
    const path = "/v1/endpoints/ep_01JD0000000000000000000001/units/jira.u/status";
    replies[`GET ${path}`] = [
      problem("UNIT_UNKNOWN", "List them: GET /endpoints/{endpointId}/units."),
    ];
    const { err } = await inlet(["units", "status", "ep_01JD0000000000000000000001", "jira.u"]);
    expect(err).toContain("List them: `inlet units list ep_01JD0000000000000000000001`.");
  });

  it("an answer that is no API's is a wrong URL", async () => {
    const page = createServer((_, response) => response.end("<html>"));
    await new Promise<void>((listening) => page.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const { code, out, err } = await inlet(["sinks", "list"], { env: { INLET_API_URL: url } });
    page.close();
    expect([code, out]).toEqual([7, ""]);
    expect(err).toMatch(/answers, but not as Inlet's API does\. Check the URL of INLET_API_URL/);
  });

  it("names the options that the API refuses", async () => {
    const errors = [{ path: "body.policy.primaryKeys", message: "is not known" }];
    replies["PUT /v1/endpoints/ep_01JD0000000000000000000001/units/jira.u/config"] = [
      problem("CONFIG_INVALID", "Mend it.", { errors }),
    ];
    const { err } = await inlet([
      "units",
      "configure",
      "ep_01JD0000000000000000000001",
      "jira.u",
      "--policy",
      '{"primaryKeys":1}',
    ]);
    expect(err).toContain("  - --policy (primaryKeys): is not known\n");
  });

  it.each([
    [["nonsense"]],
    [["runs", "nonsense"]],
    [["runs", "get"]],
    [["runs", "list", "--nonsense"]],
    [["runs", "list", "--limit", "many"]],
    [["sinks", "delete", "snk_01JD0000000000000000000001"]],
    [["profile", "use", "nowhere"]],
    [["completion", "tcsh"]],
  ])("%j is a usage error: nothing is sent", async (args) => {
    const { code, err } = await inlet(args);
    expect([code, asked]).toEqual([2, []]);
    expect(err).toMatch(/^error: /);
  });

  it("help and version are no errors", async () => {
    expect((await inlet(["runs", "start", "--help"])).out).toContain(
      "$ inlet runs start jira jira.issues --watch",
    );
    expect((await inlet(["--version"])).code).toBe(0);
  });

  it("an API that is not there exits with 7", async () => {
    const { code, err } = await inlet(["runs", "list"], {
      env: { INLET_API_URL: "http://127.0.0.1:9" },
    });
    expect([code, err]).toEqual([
      7,
      expect.stringMatching(/does not answer .*Check the URL of INLET_API_URL/),
    ]);
  });

  it("a redirect is not followed", async () => {
    replies["GET /v1/runs"] = [{ status: 302, headers: { location: `${apiUrl}/elsewhere` } }];
    expect([(await inlet(["runs", "list"])).code, asked.length]).toEqual([7, 1]);
  });

  it("GraphQL's errors count, although the answer is 200", async () => {
    const errors = [{ message: "No such endpoint.", extensions: { code: "NOT_FOUND" } }];
    replies["POST /v1/graphql"] = [{ status: 200, body: { data: null, errors } }];
    expect((await inlet(["graphql", "--query", "{ x }"])).code).toBe(4);
  });
});

describe("what a person sees", () => {
  it("a run's verdict and why come first, its figures when they are asked for", async () => {
    const error = {
      code: "AUTH_ERROR",
      message: "Put new ones: PUT /endpoints/{endpointId}/credentials.",
      retryable: false,
    };
    const evidence = [{ code: "CENSUS_OK", message: "The source shows 3 issues.", weight: "info" }];
    replies["GET /v1/runs/run_01JD0000000000000000000001"] = [
      finished("FAILED", { error, evidence }),
    ];
    const get = ["runs", "get", "run_01JD0000000000000000000001"];
    const { out } = await inlet(get);
    const [status, why, proof, ...rest] = out.split("\n");
    expect(status).toMatch(/^status +FAILED$/);
    expect(why).toMatch(
      /^error +Put new ones: `inlet endpoints set-credentials ENDPOINT`\. \(AUTH_ERROR\)$/,
    );
    expect(proof).toMatch(/^evidence +The source shows 3 issues\. \(CENSUS_OK, info\)$/);
    expect(rest.join("\n")).toMatch(/finishedAt +2026-11-21 06:00:05Z/);
    expect(out).not.toContain("stats.read");
    for (const more of ["--stats", "-v"])
      expect((await inlet([...get, more])).out).toMatch(/^stats\.read +3$/m);
  });

  it("a registration says when it has updated what was there", async () => {
    const register = [
      "endpoints",
      "register",
      "--name",
      "jira",
      "--connector",
      "jira",
      "--config",
      "{}",
    ];
    replies["POST /v1/endpoints"] = [
      { status: 201, body: { name: "jira" } },
      { status: 200, body: { name: "jira" } },
    ];
    expect((await inlet(register)).err).toBe("");
    expect((await inlet(register)).err).toBe("One with this name existed: it was updated.\n");
  });
});

describe("artifacts download", () => {
  const artifact = "art_run_1_0";
  const text = "PAR1 rows PAR1";
  const sum = createHash("sha256").update(text).digest("hex");
  const link = (name: string, more: object = {}) => ({
    name,
    bytes: text.length,
    url: `${apiUrl}/f/${name}`,
    ...more,
  });
  const file = (headers: Record<string, string> = { "x-amz-meta-sha256": sum }, body = text) => [
    { status: 200, headers, raw: body },
  ];
  const offer = (files: object[]) => {
    const body = { artifactId: artifact, expiresAt: "2026-11-21T06:00:00Z", files };
    replies[`GET /v1/artifacts/${artifact}/download`] = [{ status: 200, body }];
  };

  it("writes each file, checked, and says where; the links carry no token", async () => {
    offer([link("a/000000.parquet"), link("a/000001.parquet")]);
    for (const name of ["000000", "000001"]) replies[`GET /v1/f/a/${name}.parquet`] = file();
    const { code, out } = await inlet(["artifacts", "download", artifact, "--output", "landed"]);
    expect([code, out]).toEqual([
      0,
      "landed/000000.parquet  14 bytes\nlanded/000001.parquet  14 bytes\n",
    ]);
    expect(readFileSync(join(home, "landed/000001.parquet"), "utf8")).toBe(text);
    const fetched = asked.filter(({ call }) => call.includes("/f/"));
    expect(fetched.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it("one file goes where it is sent", async () => {
    offer([link("a/000000.parquet")]);
    replies["GET /v1/f/a/000000.parquet"] = file();
    expect((await inlet(["artifacts", "download", artifact, "--output", "one.parquet"])).code).toBe(
      0,
    );
    expect(readFileSync(join(home, "one.parquet"), "utf8")).toBe(text);
  });

  it.each([
    ["damaged", file({ "x-amz-meta-sha256": sum.replace(/^./, "x") })],
    ["cut", file({ "x-amz-meta-sha256": sum }, "PAR1")],
    ["gone", [{ status: 403, raw: "" }]],
  ])("a file that arrives %s is not left behind", async (_, replied) => {
    offer([link("a/bad.parquet")]);
    replies["GET /v1/f/a/bad.parquet"] = replied;
    const { code, err } = await inlet(["artifacts", "download", artifact, "--output", "bad"]);
    expect([code, err]).toEqual([7, expect.stringMatching(/[Tt]ry again/)]);
    expect(readdirSync(join(home, "bad"))).toEqual([]);
  });

  it("no name leaves the folder, and a link elsewhere must be https", async () => {
    offer([link("../../etc/..passwd", { url: `${apiUrl}/f/x` })]);
    replies["GET /v1/f/x"] = file();
    expect((await inlet(["artifacts", "download", artifact, "--output", "safe"])).out).toContain(
      "safe/passwd",
    );
    offer([link("a", { url: "http://storage.example/f" })]);
    expect((await inlet(["artifacts", "download", artifact, "--output", "safe"])).code).not.toBe(0);
  });

  it("--json shows the links and downloads nothing", async () => {
    offer([link("a/000000.parquet")]);
    const { out } = await inlet(["artifacts", "download", artifact, "--json"]);
    expect([JSON.parse(out).files.length, asked.length]).toEqual([1, 1]);
  });
});

describe("--watch", () => {
  const start = [
    "runs",
    "start",
    "ep_01JD0000000000000000000001",
    "jira.issues",
    "--watch",
    "--json",
  ];

  it("waits for the end through a moment without answer, and prints the ended run", async () => {
    replies["POST /v1/runs"] = [{ status: 202, body: aRun({ status: "QUEUED" }) }];
    const running = { status: 200, body: aRun({ status: "RUNNING" }) };
    replies["GET /v1/runs/run_01JD0000000000000000000001"] = [
      running,
      problem("INTERNAL", "Try again."),
      finished("COMPLETE"),
    ];
    const { code, out, err } = await inlet(start);
    expect([code, JSON.parse(out).status]).toEqual([0, "COMPLETE"]);
    expect(err.split("\n").map((line) => line.split(" ")[0])).toEqual([
      "QUEUED",
      "RUNNING",
      "COMPLETE",
      "",
    ]);
  });

  it.each(["PARTIAL", "SUSPICIOUS", "FAILED", "CANCELLED", "SKIPPED"])(
    "%s exits with 6 and the reason",
    async (status) => {
      replies["POST /v1/runs"] = [{ status: 202, body: aRun({ status: "QUEUED" }) }];
      const error = {
        code: "AUTH_ERROR",
        message: "The site refuses. Put new credentials.",
        retryable: false,
      };
      replies["GET /v1/runs/run_01JD0000000000000000000001"] = [
        finished(status, { error, evidence: [{ message: "One project is hidden." }] }),
      ];
      const { code, err } = await inlet(start);
      expect(code).toBe(6);
      expect(err).toContain(
        `run ended ${status}\n  The site refuses. Put new credentials. (AUTH_ERROR)\n  One project`,
      );
    },
  );

  it("a run that was cancelled on request ended as it should", async () => {
    replies["POST /v1/runs/run_01JD0000000000000000000001/cancel"] = [
      { status: 202, body: aRun({ status: "RUNNING" }) },
    ];
    replies["GET /v1/runs/run_01JD0000000000000000000001"] = [finished("CANCELLED")];
    expect(
      (await inlet(["runs", "cancel", "run_01JD0000000000000000000001", "--watch"])).code,
    ).toBe(0);
  });

  it("a test that failed exits with 6 even when it was answered at once", async () => {
    const probe = {
      probeId: "p",
      kind: "TEST_SINK",
      status: "FAILED",
      finishedAt: "2026-11-21T06:00:05Z",
    };
    replies["POST /v1/sinks/snk_01JD0000000000000000000001/test"] = [{ status: 200, body: probe }];
    expect((await inlet(["sinks", "test", "snk_01JD0000000000000000000001"])).code).toBe(6);
  });
});

describe("profiles", () => {
  const profile = { env: { INLET_API_URL: "", INLET_TOKEN: "" } };

  it("are added, used, listed without token, removed", async () => {
    replies["GET /v1/sinks"] = [{ status: 200, body: { items: [], nextCursor: null } }];
    const add = ["profile", "add", "dev", "--api-url", apiUrl, "--token", "@-"];
    expect((await inlet(add, { ...profile, input: `${TOKEN}\n` })).code).toBe(0);
    const file = join(home, "inlet/config.json");
    expect([statSync(file).mode & 0o777, readFileSync(file, "utf8").includes(TOKEN)]).toEqual([
      0o600,
      true,
    ]);
    expect((await inlet(["sinks", "list"], profile)).code).toBe(0);
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    const listed = await inlet(["profile", "list"], profile);
    expect(listed.out).toMatch(/^\* +dev +http/m);
    expect(listed.out).not.toContain(TOKEN);
    expect((await inlet(["profile", "remove", "dev"], profile)).code).toBe(0);
    expect(readFileSync(file, "utf8")).not.toContain(TOKEN);
  });

  it("are named as the cause when token, role or deployment is the wrong one", async () => {
    const claims = { email: "ada@example.com", "cognito:groups": ["viewer"], exp: 1_700_000_000 };
    const token = `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
    const added = await inlet(["profile", "add", "dev", "--api-url", apiUrl, "--token", "@-"], {
      ...profile,
      input: token,
    });
    expect(added.out).toContain("It is in use from now on; `inlet profile use local` goes back");
    const said = async (code: ErrorCode) => {
      replies["GET /v1/sinks"] = [problem(code, "It is so.")];
      return (await inlet(["sinks", "list"], profile)).err;
    };
    expect(await said("UNAUTHENTICATED")).toContain(
      "The token came from the profile dev. It expired at 2023-11-14 22:13:20Z. " +
        "Give it a new one: inlet profile add dev ",
    );
    expect(await said("FORBIDDEN")).toContain(
      "You asked as ada@example.com of the profile dev, with the role viewer.",
    );
    expect(await said("NOT_FOUND")).toContain(`You asked the profile dev, ${apiUrl}.`);
    for (const code of ["UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"] as const)
      expect(await said(code)).not.toContain(token);
    await inlet(["profile", "remove", "dev"], profile);
  });

  it("take no token among the arguments, and do not repeat it", async () => {
    const { code, err } = await inlet(
      ["profile", "add", "dev", "--api-url", apiUrl, "--token", TOKEN],
      profile,
    );
    expect([code, err.includes(TOKEN)]).toEqual([2, false]);
  });
});
