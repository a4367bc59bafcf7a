import {
  Effect,
  type IPrincipal,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { acceptWildcards } from "./reasons.ts";
import type { SecretReference, TableReference } from "./references.ts";

/**
 * What a role may do, or what it may never. A `*` among the resources needs its reason, here beside
 * it.
 */
export interface Permission {
  readonly denied?: true;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly wildcard?: string;
  readonly conditions?: Record<string, Record<string, readonly string[]>>;
}

/**
 * A role with these permissions and no managed policy, for a service (`lambda.amazonaws.com`) or
 * for another role. A wildcard without a reason fails the synthesis.
 */
export function roleFor(
  scope: Construct,
  id: string,
  assumer: string | IPrincipal,
  permissions: readonly Permission[],
): Role {
  const statements = permissions.map(
    ({ denied, actions, resources, conditions }) =>
      new PolicyStatement({
        effect: denied ? Effect.DENY : Effect.ALLOW,
        actions: [...actions],
        resources: [...resources],
        conditions: conditions ?? {},
      }),
  );

  const role = new Role(scope, id, {
    assumedBy: typeof assumer === "string" ? new ServicePrincipal(assumer) : assumer,
    inlinePolicies: { own: new PolicyDocument({ statements }) },
  });

  const reasoned = permissions.flatMap(({ resources, wildcard }) =>
    wildcard ? resources.filter(isWild).map((arn) => [arn, wildcard] as const) : [],
  );
  acceptWildcards(role, Object.fromEntries(reasoned));
  return role;
}

const isWild = (arn: string) => arn.endsWith("*");

/** Reads of a table and the named indexes; nobody may Scan. */
export function readTable(table: TableReference, indexes: readonly string[] = []): Permission {
  return {
    actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"],
    resources: [table.tableArn, ...indexes.map((index) => `${table.tableArn}/index/${index}`)],
  };
}

export function writeTable(table: TableReference): Permission {
  const verbs = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem"];
  return { actions: verbs.map((verb) => `dynamodb:${verb}`), resources: [table.tableArn] };
}

/**
 * Puts into `events`, and the word that no other permission of the role outweighs: an audit entry
 * is never updated or deleted. That a put never replaces one is a condition that IAM cannot see:
 * `adapters/dynamodb/journal/entries.ts` sets it, and the stream's alarm tells of whoever does not.
 */
export function appendToJournal(events: TableReference): Permission[] {
  return [{ actions: ["dynamodb:PutItem"], resources: [events.tableArn] }, keepAudit(events)];
}

function keepAudit({ tableArn }: TableReference): Permission {
  const verbs = [
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "PartiQLInsert",
    "PartiQLUpdate",
    "PartiQLDelete",
  ];

  return {
    denied: true,
    actions: verbs.map((verb) => `dynamodb:${verb}`),
    resources: [tableArn],
    conditions: { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["T#*#AUDIT#*"] } },
  };
}

/** Puts of new objects under the prefix, and nothing else: not read, not deleted. */
export function putObjects(bucket: Bucket, prefix: string): Permission {
  return useObjects(bucket, prefix, "PutObject");
}

export function readSecrets(...secrets: SecretReference[]): Permission {
  return {
    actions: ["secretsmanager:GetSecretValue"],
    resources: secrets.map((secret) => secret.secretArn),
  };
}

export function useKey(key: Key, ...actions: ("GenerateDataKey" | "Decrypt")[]): Permission {
  return { actions: actions.map((action) => `kms:${action}`), resources: [key.keyArn] };
}

/** Objects under the prefix; `""` for the whole bucket. */
export function useObjects(
  bucket: Bucket,
  prefix: string,
  ...actions: ("GetObject" | "PutObject" | "DeleteObject" | "AbortMultipartUpload")[]
): Permission {
  return {
    actions: actions.map((action) => `s3:${action}`),
    resources: [bucket.arnForObjects(`${prefix}*`)],
    wildcard:
      "Objects are named by tenant, unit and run, which come and go: the prefix is the limit.",
  };
}

/** Lists keys under the prefix only. */
export function listObjects(bucket: Bucket, prefix: string): Permission {
  return {
    actions: ["s3:ListBucket"],
    resources: [bucket.bucketArn],
    ...(prefix ? { conditions: { StringLike: { "s3:prefix": [`${prefix}*`] } } } : {}),
  };
}
