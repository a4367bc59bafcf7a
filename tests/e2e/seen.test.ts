/** What the deployed stack keeps of a change, and what it says of a failure, with nobody asking. */
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyKey } from "../../functions/audit-export/handler.ts";
import { describeDeployment, required } from "../../local/deploy.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { AuditEntry } from "../../schemas/event.ts";
import { ENV } from "../../schemas/names.ts";
import { ListAudit } from "../../schemas/operations/audit.ts";
import type { Run } from "../../schemas/run.ts";
import { aCollectedEndpoint, aName, runUnit } from "../stage/stack/endpoint.ts";
import { lambdaLogs } from "../stage/stack/lambda-logs.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { stackS3, workerEnvironment } from "../stage/stack/staging.ts";
import { stackAws } from "../stage/stack/trace-scan.ts";
import { until } from "../stage/stack/until.ts";

let site: Site;
let endpoint: Endpoint;
let run: Run;
let failed: Run;
let bucket: string;
beforeAll(async () => {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: stackAws().endpoint,
    AWS_REGION: stackAws().region,
  });
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  bucket = required((await describeDeployment()).outputs, "AuditBucketName");
  site = await aSite({ issues: 20 });
  endpoint = await aCollectedEndpoint(site, aName("seen"));
  run = await runUnit(endpoint, "jira.projects");
  await site.control("faults", { mode: "html" });
  failed = await runUnit(endpoint, "jira.users");
});
afterAll(() => site.stop());

/** As they are kept: what people are called is added when they are shown. */
async function entries(subject: string): Promise<AuditEntry[]> {
  const { items } = await admin().call(ListAudit, { query: { subject } });
  return items.map(({ actorName: _, ...entry }) => entry);
}

const copyOf = async (entry: AuditEntry): Promise<unknown> => {
  const { Body } = await stackS3().send(
    new GetObjectCommand({ Bucket: bucket, Key: copyKey(entry) }),
  );
  return JSON.parse((await Body?.transformToString()) ?? "null");
};
/** Whether a function logged a line that has all of these members, however deep their values. */
const logged = (wanted: Record<string, unknown>) =>
  until(`a line with ${JSON.stringify(wanted)}`, 60, async () => {
    for await (const { bytes } of lambdaLogs()) {
      for (const line of String(bytes)
        .split("\n")
        .filter((text) => text.includes('"_aws"'))) {
        const printed = JSON.parse(line.slice(line.indexOf("{"))) as Record<string, unknown>;
        if (Object.entries(wanted).every(([name, value]) => printed[name] === value)) return true;
      }
    }
    return false;
  });

describe("the audit of an endpoint and its run", () => {
  it("is copied entry by entry, and no copy can be taken away", async () => {
    const told = [
      ...(await entries(`endpoint/${endpoint.endpointId}`)),
      ...(await entries(`run/${run.runId}`)),
    ];
    expect(told.length).toBeGreaterThan(3);
    for (const entry of told)
      expect(await until("the copy", 30, () => copyOf(entry))).toEqual(entry);

    const [first] = told as [AuditEntry];
    const place = { Bucket: bucket, Key: copyKey(first) };
    const { VersionId, ObjectLockMode } = await stackS3().send(new HeadObjectCommand(place));
    expect(ObjectLockMode).toBe("GOVERNANCE");
    await expect(stackS3().send(new DeleteObjectCommand({ ...place, VersionId }))).rejects.toThrow(
      /object lock/,
    );
  });

  it("says which of the endpoint's credentials the run and the collection were given", async () => {
    const used = (await entries(`endpoint/${endpoint.endpointId}`)).filter(
      ({ action }) => action === "credential.use",
    );
    expect(used.map(({ actor }) => actor)).toEqual(
      expect.arrayContaining([
        `run/${run.runId}`,
        expect.stringMatching(/^collection\//),
        `run/${failed.runId}`,
      ]),
    );
    for (const { before, after } of used)
      expect([before, Object.keys(after as object)]).toEqual([null, ["versionId"]]);
  });

  it("raises its alarm's metric when an entry is changed, and the copy is as it was", async () => {
    const [entry] = (await entries(`run/${run.runId}`)) as [AuditEntry];
    const TableName = workerEnvironment("typescriptWorker")[ENV.eventsTable];
    const pk = `T#${entry.tenantId}#AUDIT#${entry.at.slice(0, 10)}`;
    const forged = {
      UpdateExpression: "SET actor = :forged",
      ExpressionAttributeValues: { ":forged": { S: "nobody" } },
    };
    const Key = { pk: { S: pk }, sk: { S: `AUDIT#${entry.auditId}` } };
    await new DynamoDBClient(stackAws()).send(new UpdateItemCommand({ TableName, Key, ...forged }));
    await logged({ AuditEntries: 1, outcome: "TAMPERED" });
    expect(await copyOf(entry)).toEqual(entry);
  });
});

it("a run is counted by its end, connector and type of sink, and an answer by area", async () => {
  expect([run.status, failed.status]).toEqual(["COMPLETE", "FAILED"]);
  const dimensions = { connector: "jira", sink: "warehouse.iceberg" };
  await logged({ Runs: 1, ...dimensions, outcome: "COMPLETE" });
  await logged({ Runs: 1, ...dimensions, outcome: "FAILED" });
  await logged({ ApiRequests: 1, area: "runs", outcome: "2xx" });
});
