import { describe, expect, it } from "vitest";
import { asked, inlet, replies, TOKEN } from "./command-under-test.ts";

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
