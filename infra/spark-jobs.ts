/** What a run may do where Spark is in EMR Serverless: start jobs, each as its tenant's own role. */
import type { Permission } from "./constructs/permissions.ts";
import type { DataReferences } from "./constructs/references.ts";
import type { Environment } from "./environments.ts";

/**
 * Throws, saying what to change, for a role that jobs of two tenants would run as: whoever may
 * start a job chooses its code, and so reaches all that the job's role reaches.
 */
export function checkSparkJobs({ name, spark }: Environment): void {
  if (spark?.kind !== "emr-serverless") return;

  const owners = new Map<string, string>();
  for (const [tenantId, { executionRoleArn }] of Object.entries(spark.tenants)) {
    const other = owners.get(executionRoleArn);
    if (other !== undefined)
      throw new Error(
        `${name}: Spark jobs of ${other} and ${tenantId} have one role, ${executionRoleArn}. ` +
          "Give each tenant a role of its own.",
      );
    owners.set(executionRoleArn, tenantId);
  }
}

/**
 * Of all tenants that the environment names. Which of them are left to a run says its session
 * policy (`temporal/spark_jobs.py`): the jobs, the role and the rows of its own tenant.
 */
export function sparkJobs(settings: Environment, { stack }: DataReferences): Permission[] {
  const { spark } = settings;
  if (spark?.kind !== "emr-serverless" || Object.keys(spark.tenants).length === 0) return [];

  checkSparkJobs(settings);
  const { partition, region, account } = stack;
  const tenants = Object.values(spark.tenants);
  const applications = tenants.map(
    ({ applicationId }) =>
      `arn:${partition}:emr-serverless:${region}:${account}:/applications/${applicationId}`,
  );
  const bucket = `arn:${partition}:s3:::${spark.bucket}`;

  return [
    { actions: ["emr-serverless:StartJobRun"], resources: unique(applications) },
    {
      actions: ["emr-serverless:GetJobRun", "emr-serverless:CancelJobRun"],
      resources: unique(applications).map((arn) => `${arn}/jobruns/*`),
      wildcard: "Job runs get their ids when they are started.",
    },
    {
      actions: ["iam:PassRole"],
      resources: tenants.map(({ executionRoleArn }) => executionRoleArn),
      conditions: { StringEquals: { "iam:PassedToService": ["emr-serverless.amazonaws.com"] } },
    },
    {
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      resources: [`${bucket}/${spark.prefix}/*`],
      wildcard: "Rows pass by a folder of their tenant and call.",
    },
    {
      actions: ["s3:ListBucket"],
      resources: [bucket],
      conditions: { StringLike: { "s3:prefix": [`${spark.prefix}/*`] } },
    },
  ];
}

const unique = (texts: readonly string[]) => [...new Set(texts)];
