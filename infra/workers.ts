import { PREFIX, TASK_QUEUE } from "../schemas/names.ts";
import { brokerName, invokeBroker } from "./constructs/broker.ts";
import { callSettings } from "./constructs/call-settings.ts";
import type { InletFunctionProps } from "./constructs/inlet-function.ts";
import {
  appendToJournal,
  listObjects,
  type Permission,
  readSecrets,
  readTable,
  useKey,
  useObjects,
  writeTable,
} from "./constructs/permissions.ts";
import type { DataReferences } from "./constructs/references.ts";
import type { Environment, TaskSize } from "./environments.ts";
import { sparkJobs } from "./spark-jobs.ts";
import { CONTROL_INDEXES } from "./stacks/data.ts";

export interface Worker extends Pick<InletFunctionProps, "variables" | "permissions"> {
  readonly size: TaskSize;
  /** The queues it polls. */
  readonly taskQueues: readonly string[];
  /** What a run may do at most, under a role of its own; the worker itself may not. */
  readonly runPermissions?: readonly Permission[];
}

/** Workflows and the activities that keep the tables. */
export function typescriptWorker(settings: Environment, data: DataReferences): Worker {
  const { control, events, hot, staging, key, temporalSecret, payloadKey, grantSecret } = data;

  return {
    size: settings.typescriptWorker,
    taskQueues: [TASK_QUEUE.typescript, TASK_QUEUE.typescriptCalls],
    variables: {
      controlTable: control.tableName,
      eventsTable: events.tableName,
      hotTable: hot.tableName,
      stagingBucket: staging.bucketName,
      temporalSecret: temporalSecret.secretArn,
      payloadKey: payloadKey.secretArn,
      defaultQuotas: JSON.stringify(settings.defaultQuotas),
      allowPrivateNetworks: String(settings.allowPrivateNetworks),
      ...callSettings(settings, data),
    },
    permissions: [
      readTable(control, CONTROL_INDEXES),
      ...[control, hot].map(writeTable),
      ...appendToJournal(events),
      ...[events, hot].map((table) => readTable(table)),
      useObjects(staging, "", "GetObject", "PutObject", "DeleteObject"),
      listObjects(staging, ""),
      useKey(key, "GenerateDataKey", "Decrypt"),
      readSecrets(temporalSecret, payloadKey, grantSecret),
      invokeBroker(settings, data.stack),
      ...deletions(settings, data),
    ],
  };
}

/** What deletions need beside: domain events may go, audit entries never. */
function deletions(settings: Environment, { events, stack }: DataReferences): Permission[] {
  return [
    {
      actions: ["dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
      resources: [events.tableArn],
      conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["T#*#EVENTS#*"] } },
    },
    removeCredentials(settings, stack),
  ];
}

/** Credentials of every tenant's endpoints and sinks. */
export function removeCredentials(
  { name }: Environment,
  { partition, region, account }: DataReferences["stack"],
): Permission {
  return {
    actions: ["secretsmanager:DeleteSecret"],
    resources: [`arn:${partition}:secretsmanager:${region}:${account}:secret:inlet/${name}/*`],
    wildcard: "Secrets of endpoints and sinks get their names when these are registered.",
  };
}

/**
 * The data plane. The worker polls and opens payloads; what reads credentials, stages, lands and
 * shows progress is a run, under the run role narrowed to its tenant (`temporal/run_role.py`). The
 * sweep of the staging bucket is one, too.
 */
export function pythonWorker(settings: Environment, data: DataReferences): Worker {
  const { control, hot, staging, lake, key, temporalSecret, payloadKey } = data;
  const objects = ["GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"] as const;

  return {
    size: settings.pythonWorker,
    taskQueues: [TASK_QUEUE.python, TASK_QUEUE.pythonProbes],
    variables: {
      controlTable: control.tableName,
      hotTable: hot.tableName,
      rateLimit: JSON.stringify(settings.rateLimit),
      stagingBucket: staging.bucketName,
      lakeBucket: lake.bucketName,
      lakeCatalog: data.stack.toJsonString(lakeCatalog(settings, data)),
      temporalSecret: temporalSecret.secretArn,
      payloadKey: payloadKey.secretArn,
      keyId: key.keyArn,
      brokerFunction: brokerName(settings),
      allowPrivateNetworks: String(settings.allowPrivateNetworks),
      sinkNetworks: JSON.stringify(settings.sinkNetworks ?? []),
      maxActivities: String(settings.pythonWorker.runs),
      maxProbes: String(settings.pythonWorker.probes),
      runMemoryBytes: String(runMemoryBytes(settings)),
      ...(settings.spark ? { spark: JSON.stringify(settings.spark) } : {}),
    },
    permissions: [
      // Payloads that are too large for Temporal.
      useObjects(staging, `${PREFIX.claim}/`, "GetObject", "PutObject"),
      useKey(key, "GenerateDataKey", "Decrypt"),
      readSecrets(temporalSecret, payloadKey),
    ],
    runPermissions: [
      readTable(control),
      { actions: ["dynamodb:UpdateItem"], resources: [control.tableArn] },
      // The budget of its endpoint's credential.
      { actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"], resources: [hot.tableArn] },
      ...[staging, lake].map((bucket) => useObjects(bucket, "", ...objects)),
      listObjects(staging, ""),
      listObjects(lake, ""),
      // The buckets' own encryption.
      useKey(key, "GenerateDataKey", "Decrypt"),
      invokeBroker(settings, data.stack),
      lakeTables(settings, data),
      ...tenantsOwnRoles(settings, data),
      ...sparkJobs(settings, data),
    ],
  };
}

/**
 * Roles of tenants' own accounts, with the external id that is ours; never one of our own account,
 * some of which trust the whole of it (those of a deployment do). Which of them a run may assume
 * says its session policy: the one of its sink.
 */
export function tenantsOwnRoles(settings: Environment, { stack }: DataReferences): Permission[] {
  return [
    {
      actions: ["sts:AssumeRole"],
      resources: [`arn:${stack.partition}:iam::*:role/*`],
      conditions: { StringLike: { "sts:ExternalId": [`inlet/${settings.name}/*`] } },
      wildcard:
        "Tenants name roles of their own accounts; a run's session policy leaves the one of " +
        "its sink, and the broker sends what its endpoint names.",
    },
    {
      denied: true,
      actions: ["sts:AssumeRole"],
      resources: [`arn:${stack.partition}:iam::${stack.account}:role/*`],
      wildcard: "Denied: a tenant may not name a role of this account.",
    },
  ];
}

/**
 * A run's share of four fifths of a task's memory. A test, preview or collection is reckoned with a
 * quarter of it: it seldom needs more, though its limit is a run's.
 */
export function runMemoryBytes({ pythonWorker }: Environment): number {
  const { memoryMib, runs, probes } = pythonWorker;
  return Math.floor((memoryMib * 2 ** 20 * 0.8) / (runs + probes / 4));
}

/**
 * Properties of pyiceberg's `load_catalog`: Glue in AWS; locally a file, whose folder the local
 * stack gives as context.
 */
function lakeCatalog(settings: Environment, data: DataReferences): Record<string, string> {
  const warehouse = `s3://${data.lake.bucketName}/lake`;
  // Without it pyiceberg asks AWS where the bucket is, in every process, and waits for an answer
  // that may not come.
  const region = { "s3.region": settings.region };
  if (settings.name !== "local")
    return { type: "glue", warehouse, "glue.region": settings.region, ...region };

  const catalog: string = data.stack.node.getContext("lakeCatalogFile");
  const endpoint: string = data.stack.node.getContext("s3EndpointUrl");
  return {
    type: "sql",
    uri: `sqlite:///${catalog}`,
    warehouse,
    "s3.endpoint": endpoint,
    ...region,
  };
}

function lakeTables(settings: Environment, data: DataReferences): Permission {
  const { partition, region, account } = data.stack;
  const arn = (resource: string) => `arn:${partition}:glue:${region}:${account}:${resource}`;

  return {
    actions: [
      "CreateDatabase",
      "CreateTable",
      "GetDatabase",
      "GetDatabases",
      "GetTable",
      "GetTables",
      "UpdateTable",
    ].map((verb) => `glue:${verb}`),
    resources: [
      arn("catalog"),
      arn(`database/inlet_${settings.name}_*`),
      arn(`table/inlet_${settings.name}_*/*`),
    ],
    wildcard:
      "Databases and tables of the lake are made as tenants and units come; the " +
      "environment's prefix is the limit.",
  };
}
