import { describe, expect, it } from "vitest";
import { asked, inlet, replies } from "./command-under-test.ts";

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
