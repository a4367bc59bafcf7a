/**
 * A sink of the tenant's own: tried before it is stored, reached by its role, and left alone while
 * something lands there.
 */
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Problem } from "../../schemas/error.ts";
import { ListAudit } from "../../schemas/operations/audit.ts";
import { ListRunArtifacts } from "../../schemas/operations/runs.ts";
import { CreateSink, GetSink, ListSinks } from "../../schemas/operations/sinks.ts";
import { PutUnitConfig } from "../../schemas/operations/units.ts";
import type { ShownSink } from "../../schemas/sink.ts";
import { aCollectedEndpoint, aName, runUnit } from "../stage/stack/endpoint.ts";
import { admin, viewer } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { stackAws } from "../stage/stack/trace-scan.ts";

const ROLE = "arn:aws:iam::111122223333:role/inlet-lands-here";
const credentials = { authType: "aws_role", secret: { roleArn: ROLE } };
const ANY = { "if-match": "*" };

describe("a sink in an account of the tenant's own", () => {
  const bucket = aName("own").replaceAll("_", "-");
  // To the emulator, a key that is an account's number is that account.
  const theirs = { accessKeyId: "111122223333", secretAccessKey: "test" };
  const s3 = new S3Client({ ...stackAws(), credentials: theirs, forcePathStyle: true });
  let site: Site;
  let endpoint: Endpoint;
  beforeAll(async () => {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    site = await aSite({ issues: 20 });
    endpoint = await aCollectedEndpoint(site, aName("own_sink"));
  });
  afterAll(() => site.stop());

  const create = (location: string) =>
    admin().send("POST", "/sinks", {
      name: aName("own"),
      type: "files.parquet",
      config: { location },
      credentials,
    });
  const keysBelow = async (Prefix: string) =>
    ((await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }))).Contents ?? []).map(
      ({ Key }) => Key,
    );

  it("takes a unit's rows by the role, shows it to nobody, stays while used", async () => {
    const made = await create(`s3://${bucket}/inlet`);
    expect(made.status).toBe(201);
    const sink = JSON.parse(made.text) as ShownSink;
    expect(sink.testedAt).not.toBeNull();
    expect(sink.trust).toEqual({
      principal: "arn:aws:iam::000000000000:root",
      externalId: "inlet/local/demo",
    });
    const path = { endpointId: endpoint.endpointId, unitId: "jira.projects" };
    const { sinkId } = sink;
    await admin().call(PutUnitConfig, { path, body: { enabled: true, mode: "FULL", sinkId } });

    const run = await runUnit(endpoint, "jira.projects");
    expect(run).toMatchObject({ status: "COMPLETE", sinkId: sink.sinkId });
    const { items } = await admin().call(ListRunArtifacts, { path: { runId: run.runId } });
    expect(items[0]?.location).toContain(`s3://${bucket}/inlet/`);
    expect(await keysBelow("inlet/")).toContainEqual(expect.stringMatching(/\.parquet$/));

    const shown = await viewer().call(GetSink, { path: { sinkId } });
    expect(JSON.stringify(shown)).not.toContain(ROLE);
    const refused = await admin().send("DELETE", `/sinks/${sink.sinkId}`, undefined, ANY);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text)).toMatchObject({
      details: { units: [{ unitId: "jira.projects" }] },
    });
    const { items: sinks } = await admin().call(ListSinks, { query: { limit: 100 } });
    const home = sinks.find(({ isDefault }) => isDefault);
    await admin().call(PutUnitConfig, { path, body: { sinkId: home?.sinkId }, ifMatch: "*" });
    expect((await admin().send("DELETE", `/sinks/${sink.sinkId}`, undefined, ANY)).status).toBe(
      204,
    );
  });

  it("is reached by its own credentials when another is written through, and audited", async () => {
    const { sinkId } = JSON.parse((await create(`s3://${bucket}/model`)).text) as ShownSink;
    const body = { name: aName("model"), type: "cdm", config: { through: sinkId } };
    const model = await admin().call(CreateSink, { body });
    const path = { endpointId: endpoint.endpointId, unitId: "jira.users" };
    const config = { enabled: true, sinkId: model.sinkId, policy: { deletes: "ignore" } };
    await admin().call(PutUnitConfig, { path, body: config });

    const run = await runUnit(endpoint, "jira.users");
    expect(run).toMatchObject({ status: "COMPLETE", sinkId: model.sinkId });
    expect(await keysBelow("model/")).toContainEqual(expect.stringMatching(/\/person\/.*parquet$/));
    const query = { subject: `sink/${sinkId}`, action: "credential.use" };
    const { items } = await admin().call(ListAudit, { query });
    expect(items.map(({ actor }) => actor)).toContain(`run/${run.runId}`);
  });

  it("that cannot be written to is refused with the field, and nothing of it is kept", async () => {
    const refused = await create(`s3://${bucket}-nobody-has/inlet`);
    expect(refused.status).toBe(400);
    const problem = JSON.parse(refused.text) as Problem;
    expect(problem).toMatchObject({
      code: "CONFIG_INVALID",
      errors: [{ path: "config.location" }],
    });
    const { items } = await admin().call(ListSinks, { query: { limit: 100 } });
    expect(items.filter(({ config }) => JSON.stringify(config).includes("nobody-has"))).toEqual([]);
  });
});
