import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
} from "aws-cdk-lib/aws-dynamodb";
import { Key } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectLockRetention,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { accept } from "../constructs/reasons.ts";
import { watchThrottles } from "../constructs/watch.ts";
import type { Environment } from "../environments.ts";

/** Names of the indexes of `control` (adapters/dynamodb/keys.ts). */
export const CONTROL_INDEXES = ["by_time", "by_unit", "pending"] as const;

/**
 * Days that objects of the staging bucket are kept; a claimed payload must outlive Temporal's
 * retention of its workflow, and what a run staged the most that `policy.retainStagingDays` may ask
 * for after the run's end.
 */
const STAGING_DAYS = {
  "stg/": 8,
  "catalog/": 7,
  "preview/": 1,
  "quarantine/": 30,
  "claim/": 100,
  "calls/": 1,
  "connectors/": 2,
};

export interface DataStackProps extends StackProps {
  readonly settings: Environment;
  readonly alarmTopic: ITopic;
}

/** What outlives every deployment: tables, buckets, the key, and the secrets that people fill. */
export class DataStack extends Stack {
  readonly key: Key;
  readonly control: Table;
  readonly events: Table;
  readonly hot: Table;
  readonly staging: Bucket;
  readonly lake: Bucket;
  /** Copies of audit entries, locked. */
  readonly audit: Bucket;
  readonly temporalSecret: Secret;
  readonly payloadKey: Secret;
  readonly cursorSecret: Secret;
  readonly grantSecret: Secret;
  private readonly settings: Environment;

  constructor(scope: Construct, id: string, { settings, alarmTopic, ...props }: DataStackProps) {
    super(scope, id, props);
    this.settings = settings;

    this.key = new Key(this, "Key", { enableKeyRotation: true, removalPolicy: this.removal });
    this.control = this.controlTable();
    this.events = this.table("Events", { stream: true, recovers: true });
    this.hot = this.table("Hot", { stream: false, recovers: false });
    for (const [name, table] of Object.entries({
      Control: this.control,
      Events: this.events,
      Hot: this.hot,
    })) {
      new CfnOutput(this, `${name}TableName`, { value: table.tableName });
      watchThrottles(table, name === "Control" ? CONTROL_INDEXES : [], alarmTopic);
    }

    const accessLogs = this.accessLogBucket();
    this.staging = this.bucket("Staging", accessLogs, {
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
        ...Object.entries(STAGING_DAYS).map(([prefix, days]) => ({
          prefix,
          expiration: Duration.days(days),
        })),
      ],
    });
    this.lake = this.bucket("Lake", accessLogs, {
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    this.audit = this.auditBucket(accessLogs);
    new CfnOutput(this, "AuditBucketName", { value: this.audit.bucketName });

    this.temporalSecret = this.secret(
      "TemporalSecret",
      "where Temporal is: {address, namespace, apiKey | cert, key}",
    );
    this.payloadKey = this.secret("PayloadKey", "key ring of Temporal payloads: {current, keys}");
    this.cursorSecret = this.secret("CursorSecret", "seals the cursors of lists");
    this.grantSecret = this.secret("GrantSecret", "signs grants to read credentials");
  }

  private get removal(): RemovalPolicy {
    return this.settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }

  private controlTable(): Table {
    const table = this.table("Control", { stream: true, recovers: true });
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    const index = (indexName: string, partition: string, sort: string) =>
      table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: string(partition),
        sortKey: string(sort),
        projectionType: ProjectionType.ALL,
      });

    index(CONTROL_INDEXES[0], "gsi1pk", "gsi1sk");
    index(CONTROL_INDEXES[1], "gsi2pk", "gsi2sk");
    index(CONTROL_INDEXES[2], "pendingPk", "pendingAt");
    return table;
  }

  private table(id: string, options: { stream: boolean; recovers: boolean }): Table {
    const { keepsData } = this.settings;
    const recovers = options.recovers && keepsData;
    const table = new Table(this, id, {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: recovers },
      timeToLiveAttribute: "ttl",
      deletionProtection: recovers,
      removalPolicy: recovers ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(options.stream ? { stream: StreamViewType.NEW_AND_OLD_IMAGES } : {}),
    });

    if (!recovers) {
      const reason = options.recovers
        ? "An environment whose data is not kept: it is rebuilt, never restored."
        : "Budgets, leases and idempotency keys of minutes: restoring them to a point in " +
          "time would be wrong.";
      accept(table, { DDB3: reason });
    }

    return table;
  }

  private bucket(id: string, accessLogs: Bucket, props: BucketProps): Bucket {
    return new Bucket(this, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      removalPolicy: this.removal,
      ...props,
    });
  }

  /**
   * Whatever is put here stays as it is until its lock ends: a new version may come, the one that
   * was there cannot go. S3's own keys, since a copy that outlives its table must not hang on a key
   * that somebody can delete.
   */
  private auditBucket(accessLogs: Bucket): Bucket {
    const { mode, days } = this.settings.auditLock;
    const retention = {
      GOVERNANCE: ObjectLockRetention.governance,
      COMPLIANCE: ObjectLockRetention.compliance,
    }[mode];

    return this.bucket("Audit", accessLogs, {
      encryption: BucketEncryption.S3_MANAGED,
      encryptionKey: undefined,
      bucketKeyEnabled: false,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: retention(Duration.days(days)),
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
  }

  private accessLogBucket(): Bucket {
    const bucket = new Bucket(this, "AccessLogs", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // Log delivery writes with S3's own keys only.
      encryption: BucketEncryption.S3_MANAGED,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [
        { expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: this.removal,
    });

    accept(bucket, { S1: "This bucket holds the access logs; logging itself would never end." });
    return bucket;
  }

  /**
   * Made with a random value; people put the real one (docs/deploy.md), and no later deployment
   * touches it.
   */
  private secret(id: string, description: string): Secret {
    const secret = new Secret(this, id, {
      description: `Inlet ${this.settings.name}: ${description}`,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: this.removal,
    });
    accept(secret, {
      SMG4:
        "Rotated by people: Temporal issues its own keys, key rings and cursors keep old keys, " +
        "and grants that were given out end with theirs.",
    });
    return secret;
  }
}
