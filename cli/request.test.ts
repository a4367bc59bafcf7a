import { expect, it } from "vitest";
import { requestOf } from "../client/request.ts";
import { COMMANDS } from "./commands.ts";
import { inputOf, valuesOf } from "./request.ts";

const noFile = (path: string): never => {
  throw new Error(`reads ${path}`);
};
const commandOf = (words: string) => {
  const found = COMMANDS.find((command) => command.words.join(" ") === words);
  if (!found) throw new Error(`no command ${words}`);
  return found;
};
const request = (words: string, args: string[], typed = {}) => {
  const command = commandOf(words);
  const values = valuesOf(command, args, typed, noFile);
  const { body, ...sent } = requestOf(command.operation, inputOf(command, values, typed));
  return { ...sent, body: body === undefined ? undefined : (JSON.parse(body) as unknown) };
};

it("path parameters stand in the path, query options behind it", () => {
  expect(request("units list", ["ep_1"], { limit: "5" })).toEqual({
    method: "GET",
    path: "/endpoints/ep_1/units?limit=5",
    headers: {},
  });
});

it("fields of the body may be arguments", () => {
  const { path, body } = request("runs start", ["ep_1", "jira.issues"]);
  expect({ path, body }).toEqual({
    path: "/runs",
    body: { endpointId: "ep_1", unitId: "jira.issues" },
  });
});

it("a schedule becomes its two fields, a switch a boolean", () => {
  const { body } = request("units configure", ["ep_1", "u"], {
    schedule: "2h",
    mode: "full",
    enabled: false,
  });
  expect(body).toEqual({
    scheduleKind: "INTERVAL",
    scheduleIntervalMinutes: 120,
    mode: "FULL",
    enabled: false,
  });
});

it("an option wins over the whole body", () => {
  const { body } = request("sinks update", ["s"], {
    body: '{"name":"old","isDefault":true}',
    name: "new",
  });
  expect(body).toEqual({ name: "new", isDefault: true });
});

it("what is not given is not sent: defaults are the server's", () => {
  expect(request("runs list", []).path).toBe("/runs");
});

it("what failed lately is one option, and statuses are written in any case", () => {
  expect(request("runs list", [], { failed: true }).path).toBe(
    "/runs?status=FAILED%2CPARTIAL%2CSUSPICIOUS",
  );
  expect(request("runs list", [], { status: "failed,cancelled" }).path).toBe(
    "/runs?status=FAILED%2CCANCELLED",
  );
  expect(request("runs list", [], { since: "1d" }).path).toMatch(/^\/runs\?since=\d{4}-/);
});

it("preconditions and idempotency keys are headers", () => {
  expect(request("endpoints delete", ["ep_1"], { ifMatch: "3" }).headers).toEqual({
    "if-match": '"3"',
  });
  expect(request("endpoints collect", ["ep_1"], { idempotencyKey: "k" }).headers).toEqual({
    "idempotency-key": "k",
  });
  const call = request("methods call", ["ep_1", "listProjects"], { respondAsync: true });
  expect(call.headers).toMatchObject({ prefer: "respond-async" });
});

it.each([
  ["endpoints register", [], { name: "jira", config: "{}" }, "--connector"],
  ["endpoints get", ["../sinks"], {}, "<endpoint>"],
  ["runs list", [], { limit: "1000" }, "--limit"],
  ["runs list", [], { since: "yesterday" }, "--since"],
  ["runs list", [], { status: "FAILED,GREEN" }, "--status"],
  [
    "sinks set-credentials",
    ["s"],
    { authType: "password", secret: '{"password":1}' },
    "--secret (password)",
  ],
])("%s %j %j is refused and says where", (words, args, typed, place) => {
  expect(() => request(words, args, typed)).toThrow(
    expect.objectContaining({ reasons: [expect.stringContaining(`${place}: `)] }),
  );
});

it("a whole body that is no object is refused", () => {
  expect(() => request("sinks update", ["s"], { body: "[1]" })).toThrow("is no JSON object");
});
