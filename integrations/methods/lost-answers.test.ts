/** Writes at simulators of the vendors, which do them and lose the answer, through the executor. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox as startGithub } from "../../local/sandbox/github/start-sandbox.ts";
import { readOptions } from "../../local/sandbox/jira/options.ts";
import { startSandbox as startJira } from "../../local/sandbox/jira/start-sandbox.ts";
import { startSandbox as startZoho } from "../../local/sandbox/zoho_people/start-sandbox.ts";
import type { Credentials } from "../../schemas/endpoint.ts";
import { anOwner } from "../../tests/stage/brokered.ts";
import { aCall, aCallStage, type CallStage } from "../../tests/stage/method-calls.ts";
import { aShop } from "../../tests/stage/shop-vendor/plugin.ts";
import type { Params } from "../plugin.ts";
import { findPlugin } from "../registry.ts";
import { executeMethod } from "./execute-method.ts";

interface Subject {
  readonly connector: string;
  readonly start: () => Promise<{ url: string; stop: () => Promise<void> }>;
  readonly credentials: Credentials;
  readonly config: Params;
  readonly once: readonly [string, Params];
  readonly again: readonly [string, Params];
  /** The unit in which what `once` wrote is seen. */
  readonly unit: string;
}

const SUBJECTS: readonly Subject[] = [
  {
    connector: "jira",
    start: () => startJira(readOptions(["--issues", "30"])),
    credentials: {
      authType: "basic",
      secret: { email: "sandbox@example.com", apiToken: "sandbox-token" },
    },
    config: {},
    once: ["createIssue", { project: "ATLAS", issueType: "Task", summary: "Once" }],
    again: ["listProjects", {}],
    unit: "issues",
  },
  {
    connector: "github",
    start: () => startGithub(["--issues", "5"]),
    credentials: { authType: "bearer", secret: { token: "sandbox-token" } },
    config: { owner: "acme" },
    once: ["createIssue", { repo: "shop", title: "Once" }],
    again: ["updateIssue", { repo: "shop", number: 1, title: "Twice is once" }],
    unit: "issues",
  },
  {
    connector: "zoho_people",
    start: () => startZoho(["--employees", "5"]),
    credentials: { authType: "oauth2", secret: { accessToken: "sandbox-token" } },
    config: { dataCenter: "eu" },
    once: [
      "addRecord",
      {
        form: "employee",
        fields: { EmployeeID: "N1", FirstName: "A", LastName: "B", EmailID: "a@example.com" },
      },
    ],
    again: ["listForms", {}],
    unit: "employee",
  },
];

describe.each(SUBJECTS.map((subject) => [subject.connector, subject] as const))(
  "%s",
  (_, subject) => {
    let stage: CallStage;
    let site: Awaited<ReturnType<Subject["start"]>>;
    let execute: (call: readonly [string, Params]) => ReturnType<typeof executeMethod>;

    beforeAll(async () => {
      const { connector: name, credentials, config } = subject;
      site = await subject.start();
      const methods = findPlugin(name, "1.0.0")?.methods.map(({ method }) => method) ?? [];
      stage = await aCallStage({ ...aShop(), name, version: "1.0.0", methods });

      const endpoint = await anOwner(stage.broker, credentials, {
        connector: name,
        connectorVersion: "1.0.0",
        config: { baseUrl: site.url, ...config },
      });
      const deps = {
        ...stage.deps,
        pluginOf: () => findPlugin(name, "1.0.0"),
        operations: { ...stage.deps.operations, attemptSeconds: 0.5 },
      };
      execute = ([method, params]) => executeMethod(deps, aCall(endpoint, method, params));
    });
    afterAll(async () => {
      await site.stop();
      await stage.close();
    });

    const control = async (path: string, body?: unknown) => {
      const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      return (await fetch(`${site.url}/__control/${path}`, init)).json() as Promise<{
        total: number;
      }>;
    };
    const written = async () => (await control(`truth?unit=${subject.unit}`)).total;

    test.each(["hang", "lost"])(
      "a write that is done and not answered is not repeated (%s)",
      async (mode) => {
        await control("reset", {});
        const before = await written();
        await control("faults", { mode, times: 1 });
        const result = await execute(subject.once);

        expect(result).toMatchObject({
          status: "ERROR",
          error: { details: { outcome: "UNKNOWN" } },
        });
        expect(await written()).toBe(before + 1);
      },
    );

    test("what is harmless twice is asked for until it is answered", async () => {
      await control("reset", {});
      await control("faults", { mode: "lost", times: 1 });
      expect(await execute(subject.again)).toMatchObject({ status: "SUCCESS" });
    });

    test("a write is answered with what was written", async () => {
      await control("reset", {});
      expect(await execute(subject.once)).toMatchObject({ status: "SUCCESS" });
      expect(JSON.stringify(stage.lines)).not.toContain("sandbox-token");
    });
  },
);
