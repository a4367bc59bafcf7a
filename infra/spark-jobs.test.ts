import { join } from "node:path";
import { expect, test } from "vitest";
import { type Environment, environmentOf, type SparkPlace } from "./environments.ts";
import { inlet } from "./inlet.ts";
import { LOCAL_CONTEXT } from "./local-context.ts";
import { checkSparkJobs } from "./spark-jobs.ts";
import { outdir } from "./templates-under-test.ts";

const role = (tenantId: string) => `arn:aws:iam::111122223333:role/spark-${tenantId}`;
const jobs = (tenantId: string) => {
  return { applicationId: "00f1app", executionRoleArn: role(tenantId) };
};
const SPARK: SparkPlace = {
  kind: "emr-serverless",
  tenants: { acme: jobs("acme"), globex: jobs("globex") },
  entryPoint: "s3://code/job.py",
  bucket: "spark-rows",
  prefix: "rows",
};
const environment = (spark: SparkPlace | undefined): Environment => ({
  ...environmentOf("dev"),
  ...(spark && { spark }),
});

/** Statements of the run role as they are deployed, of the services that jobs need. */
function statements(spark?: SparkPlace): Record<string, unknown>[] {
  const app = inlet(environment(spark), {
    outdir: join(outdir, spark ? "spark" : "no-spark"),
    context: LOCAL_CONTEXT,
  });
  const resources = app
    .synth()
    .stacks.flatMap(({ template }) => Object.entries(template.Resources));
  const runRoles = resources.filter(([id]) => id.startsWith("PythonWorkerRunRole"));
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties are JSON of any shape.
  const policies = runRoles.flatMap(([, one]: [string, any]) => one.Properties.Policies ?? []);
  return policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter((one) => /emr-serverless|PassRole|spark-rows/.test(JSON.stringify(one)));
}

test("a run may start jobs of the named applications as the named roles, no others", () => {
  const found = statements(SPARK);
  const told = JSON.stringify(found);
  const actions = found.flatMap(({ Action }) => Action).sort();

  expect(actions).toEqual([
    "emr-serverless:CancelJobRun",
    "emr-serverless:GetJobRun",
    "emr-serverless:StartJobRun",
    "iam:PassRole",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
  ]);
  expect(found.every(({ Effect }) => Effect === "Allow")).toBe(true);
  expect(found.find(({ Action }) => Action === "iam:PassRole")).toMatchObject({
    Resource: [role("acme"), role("globex")],
    Condition: { StringEquals: { "iam:PassedToService": ["emr-serverless.amazonaws.com"] } },
  });
  expect(told).toContain("/applications/00f1app/jobruns/*");
  expect(told).not.toMatch(/"\*"|:role\/\*|applications\/\*/);
});

test("a role that two tenants' jobs would run as is refused", () => {
  const tenants = { acme: jobs("acme"), globex: jobs("acme") };
  expect(() => checkSparkJobs(environment({ ...SPARK, tenants }))).toThrow(/acme and globex/);
  expect(() => checkSparkJobs(environment(SPARK))).not.toThrow();
  expect(() => checkSparkJobs(environment(undefined))).not.toThrow();
});
