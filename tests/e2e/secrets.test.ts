import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStack } from "../../local/stack-file.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Run } from "../../schemas/run.ts";
import { aCollectedEndpoint, aName, runUnit } from "../stage/stack/endpoint.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { findTraces, formsOf, PLACES } from "../stage/stack/trace-scan.ts";
import type { Trace } from "../stage/stored.ts";

/** Distinct and random: whatever holds one of these texts got it from us. */
const canary = () => `canary${randomBytes(18).toString("hex")}`;

describe("secrets that were planted", () => {
  const secrets = { used: canary(), refused: canary(), malformed: canary(), inAddress: canary() };
  const name = aName("control");
  const answers: Trace[] = [];
  let site: Site;
  let endpoint: Endpoint;
  let done: Run;
  let failed: Run;

  /** Asks as a person would, and keeps what was said. */
  async function ask(method: string, path: string, body?: unknown): Promise<number> {
    const { status, text, headers } = await admin().send(method, path, body);
    answers.push({ where: `${method} ${path}`, bytes: `${JSON.stringify([...headers])} ${text}` });
    return status;
  }

  beforeAll(async () => {
    site = await aSite({ issues: 20, token: secrets.used });
    endpoint = await aCollectedEndpoint(site, name);
    done = await runUnit(endpoint, "jira.issues");
    await ask("GET", `/datasets/${endpoint.endpointId}:jira.projects/preview`);
    const credentials = {
      authType: "basic",
      secret: { email: site.email, apiToken: secrets.refused },
    };
    expect(await ask("PUT", `/endpoints/${endpoint.endpointId}/credentials`, credentials)).toBe(
      422,
    );
    const config = { baseUrl: site.url };
    expect(await ask("POST", "/endpoints", { name, connector: "jira", config, credentials })).toBe(
      422,
    );
    // While the site cannot be asked they are taken untried, so that a run fails with them.
    await site.control("faults", { mode: "html" });
    expect(await ask("POST", "/endpoints", { name, connector: "jira", config, credentials })).toBe(
      200,
    );
    await site.control("faults", { mode: null });
    failed = await runUnit(endpoint, "jira.issues");
    await ask("POST", `/endpoints/${endpoint.endpointId}/test`);
    await misuse();
    await lookAround();
  });
  afterAll(() => site.stop());

  async function misuse(): Promise<void> {
    const secret = { email: site.email, apiToken: secrets.malformed, password: secrets.malformed };
    const half = { name: aName("half"), connector: "jira", config: { baseUrl: site.url } };
    expect(
      await ask("POST", "/endpoints", { ...half, credentials: { authType: "basic", secret } }),
    ).toBe(400);
    const wrongType = { authType: secrets.malformed, secret: { apiToken: secrets.malformed } };
    expect(await ask("POST", "/endpoints", { ...half, credentials: wrongType })).toBe(400);
    const config = { baseUrl: `http://bot:${secrets.inAddress}@127.0.0.1` };
    expect(await ask("POST", "/endpoints", { ...half, config })).toBe(400);
    // A body that is no JSON, as when a shell ate the quotes.
    expect(await ask("POST", "/endpoints", `{apiToken: ${secrets.malformed}`)).toBe(400);
  }

  async function lookAround(): Promise<void> {
    const at = `/endpoints/${endpoint.endpointId}`;
    const query = `{ metadataEndpoint(id: "${endpoint.endpointId}") {
      id name status ingestionConfigs { policy }
    } }`;
    await ask("POST", "/graphql", { query });
    for (const path of [
      at,
      `${at}/units`,
      `${at}/health`,
      `${at}/datasets`,
      "/endpoints",
      "/runs",
      "/sinks",
    ]) {
      expect(await ask("GET", path)).toBe(200);
    }
    for (const { runId } of [done, failed]) await ask("GET", `/runs/${runId}`);
  }

  it("were used: one run landed with the first, another failed with the second", () => {
    expect(done).toMatchObject({ status: "COMPLETE", stats: { landed: 20 } });
    expect(failed).toMatchObject({ status: "FAILED", error: { code: "AUTH_ERROR" } });
  });

  it("are found by the scan in every form in which they could travel", async () => {
    const { used } = secrets;
    const header = Buffer.from(`${site.email}:${used}`).toString("base64");
    const held = [
      used,
      header,
      `a${Buffer.from(`x${used}`).toString("base64")}`,
      Buffer.from(used).toString("hex"),
    ];
    for (const bytes of held)
      expect(await findTraces([{ where: "here", bytes }], [used])).not.toEqual([]);
    expect(await findTraces([{ where: "here", bytes: header }], [canary()])).toEqual([]);
    for (const form of formsOf(used)) expect(form.length).toBeGreaterThan(used.length / 2);
  });

  it("are in no answer of the API, in which the endpoint's name is", async () => {
    expect(await findTraces(answers, Object.values(secrets))).toEqual([]);
    expect(await findTraces(answers, [name])).not.toEqual([]);
  });

  /**
   * What must be found in each place by the same scan: else it would find nothing there whatever it
   * held.
   */
  const control = {
    "log files": () => failed.runId,
    "Lambda logs": () => done.runId,
    objects: () => name,
    items: () => name,
    "stored secrets": () => endpoint.endpointId,
    "histories as stored": () => done.runId,
    "histories decrypted": () => name,
  } satisfies Record<keyof typeof PLACES, () => string>;

  it.each(Object.keys(PLACES) as (keyof typeof PLACES)[])(
    "are not in %s, where the control is",
    async (place) => {
      const signature = readStack().token.split(".")[2] ?? "none";
      const found = await findTraces(PLACES[place](), [
        ...Object.values(secrets),
        signature,
        control[place](),
      ]);
      expect(found.filter(({ text }) => text !== control[place]())).toEqual([]);
      expect(found).not.toEqual([]);
    },
  );
});
