/** Methods of a vendor, called through the API: by people, and by an agent. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStack } from "../../local/stack-file.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { IntegrationResult } from "../../schemas/integration-result.ts";
import type { MethodCall } from "../../schemas/method-call.ts";
import { ListAudit } from "../../schemas/operations/audit.ts";
import { GetCall, ListMethods } from "../../schemas/operations/methods.ts";
import { aName, anEndpoint } from "../stage/stack/endpoint.ts";
import { admin, viewer } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { until } from "../stage/stack/until.ts";

let site: Site;
let endpoint: Endpoint;
beforeAll(async () => {
  site = await aSite({ issues: 20 });
  endpoint = await anEndpoint(site, aName("methods"));
});
afterAll(() => site.stop());

const pathOf = (method: string) => `/endpoints/${endpoint.endpointId}/methods/${method}`;

/** Whatever the status: a call's answer is its result. */
async function call(method: string, params: object, headers: Record<string, string> = {}) {
  const { status, text } = await admin().send("POST", pathOf(method), { params }, headers);
  return { status, result: JSON.parse(text) as IntegrationResult };
}

const dataOf = (result: IntegrationResult) => {
  if (result.status === "SUCCESS") return result.data as Record<string, never>;
  throw new Error(`The call failed: ${JSON.stringify(result.error)}`);
};

describe("methods of a Jira site", () => {
  it("are listed with their schemas", async () => {
    const path = { endpointId: endpoint.endpointId };
    const methods = await admin().all(ListMethods, { path });
    const names = methods.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["searchIssues", "createIssue", "addComment"]));
  });

  it("write, and what they wrote is read, with an audit entry and no body in it", async () => {
    const [project] = await site.ids("projects");
    const summary = `Written by a method ${aName("s")}`;
    const made = await call("createIssue", { project, issueType: "Task", summary });
    const { key } = dataOf(made.result);
    const read = await call("getIssue", { issue: key });

    expect([made.status, read.status]).toEqual([200, 200]);
    expect(dataOf(read.result)).toMatchObject({ key, fields: { summary } });
    const audit = await admin().all(ListAudit, {
      query: { subject: `endpoint/${endpoint.endpointId}` },
    });
    expect(JSON.stringify(audit)).not.toContain(summary);
  });

  it("answer what is wrong with parameters, as document 004 prints it", async () => {
    const { status, result } = await call("getIssue", { issue: 7 });
    expect(status).toBe(400);
    expect(result).toMatchObject({
      status: "ERROR",
      error: { code: "VALIDATION_ERROR", message: "Parameter validation failed" },
    });
  });

  it("are not a viewer's to call", async () => {
    const { status } = await viewer().send("POST", pathOf("getIssue"), { params: {} });
    expect(status).toBe(403);
  });

  it("answer later where that is asked for", async () => {
    const asked = { prefer: "respond-async" };
    const { status, text } = await admin().send(
      "POST",
      pathOf("listProjects"),
      { params: {} },
      asked,
    );
    const { callId } = JSON.parse(text) as MethodCall;
    const { endpointId } = endpoint;
    const ended = await until("the call to end", 60, async () => {
      const found = await admin().call(GetCall, { path: { endpointId, callId } });
      return found.finishedAt === null ? undefined : found;
    });

    expect(status).toBe(202);
    expect(ended).toMatchObject({ status: "COMPLETE", result: { status: "SUCCESS" } });
  });
});

describe("an agent", () => {
  const connected = async (token: string) => {
    const client = new Client({ name: "test", version: "1" });
    const { apiUrl } = readStack();
    const headers = { authorization: `Bearer ${token}` };
    const transport = new StreamableHTTPClientTransport(new URL(`${apiUrl}/mcp`), {
      requestInit: { headers },
    });
    await client.connect(transport as Parameters<Client["connect"]>[0]);
    return client;
  };
  const use = async (client: Client, name: string, args: Record<string, unknown>) => {
    const answer = await client.callTool({ name, arguments: args });
    const [first] = answer.content as { text: string }[];
    return { isError: answer.isError, said: JSON.parse(first?.text ?? "null") };
  };

  it("finds a Jira method by a task's words, and calls it", async () => {
    const client = await connected(readStack().token);
    const found = await use(client, "find_methods", { task: "search issues in jira", limit: 50 });
    // Other tests have endpoints of Jira, too, with the same methods.
    const [{ connector, method }] = found.said.items;
    expect([connector, method]).toEqual(["jira", "searchIssues"]);

    const { endpointId } = endpoint;
    const params = { jql: "created >= -3650d", fields: ["summary"] };
    const { isError, said } = await use(client, "call_method", { endpointId, method, params });
    expect({ isError, status: said.status }).toEqual({ isError: false, status: "SUCCESS" });
    expect(said.data.items.length).toBeGreaterThan(0);
  });

  it("calls nothing with a viewer's token", async () => {
    const client = await connected(readStack().viewerToken);
    const { endpointId } = endpoint;
    const asked = { endpointId, method: "getIssue", params: {} };
    const { isError, said } = await use(client, "call_method", asked);
    expect([isError, said.code]).toEqual([true, "FORBIDDEN"]);
  });
});
