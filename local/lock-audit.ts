/**
 * The local AWS makes the audit bucket of the template without its lock, which it does know by S3's
 * own call: so what the template says of the lock is said once more, after each deployment.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ObjectLockConfiguration,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Deployment, required } from "./deploy.ts";
import { paths } from "./paths.ts";

const TEMPLATE = "inlet-local-data.template.json";

/**
 * Locks what the audit bucket is given from now on. Throws when the template has no locked bucket.
 */
export async function lockAudit({ outputs }: Deployment): Promise<void> {
  const Bucket = required(outputs, "AuditBucketName");
  const template = JSON.parse(readFileSync(join(paths.assembly, TEMPLATE), "utf8"));
  const ObjectLockConfiguration = lockOf(template);
  await new S3Client({ forcePathStyle: true }).send(
    new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }),
  );
}

interface Template {
  readonly Resources: Record<
    string,
    { Properties?: { ObjectLockConfiguration?: ObjectLockConfiguration } }
  >;
}

function lockOf({ Resources }: Template): ObjectLockConfiguration {
  const locks = Object.values(Resources).flatMap(
    ({ Properties }) => Properties?.ObjectLockConfiguration ?? [],
  );
  const [lock] = locks;
  if (lock && locks.length === 1) return lock;
  throw new Error(`${TEMPLATE} has ${locks.length} locked buckets instead of one.`);
}
