import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { roleFor } from "./constructs/permissions.ts";
import { references } from "./constructs/references.ts";
import { type Environment, environmentOf, type SparkPlace } from "./environments.ts";
import { FEATURE_FLAGS } from "./inlet.ts";
import { LOCAL_CONTEXT } from "./local-context.ts";
import { checkSparkJobs } from "./spark-jobs.ts";
import { AlarmsStack } from "./stacks/alarms.ts";
import { DataStack } from "./stacks/data.ts";
import { outdir } from "./templates-under-test.ts";
import { pythonWorker } from "./workers.ts";

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
function statements(): Record<string, unknown>[] {
  const settings = environment(SPARK);
  const app = new App({ outdir, context: { ...FEATURE_FLAGS, ...LOCAL_CONTEXT } });
  const { topic: alarmTopic } = new AlarmsStack(app, "alarms", {});
  const data = new DataStack(app, "data", { settings, alarmTopic });
  const stack = new Stack(app, "worker");
  const { runPermissions = [] } = pythonWorker(settings, references(stack, data));
  roleFor(stack, "RunRole", "ecs-tasks.amazonaws.com", runPermissions);

  const roles = Object.values(Template.fromStack(stack).findResources("AWS::IAM::Role"));
  return roles
    .flatMap(({ Properties }) => Properties.Policies)
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter((one) => /emr-serverless|PassRole|spark-rows/.test(JSON.stringify(one)));
}

test("a run may start jobs of the named applications as the named roles, no others", () => {
  const found = statements();
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
