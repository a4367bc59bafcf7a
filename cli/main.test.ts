import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { ERRORS } from "../schemas/errors.ts";
import { apiUrl, asked, finished, inlet, problem, replies, TOKEN } from "./command-under-test.ts";

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
