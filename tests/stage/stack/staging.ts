/** What lies in the staging bucket. */
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { readSpecs } from "../../../local/processes.ts";
import { ENV, PREFIX } from "../../../schemas/names.ts";

/** The environment of a worker's task definition, as the stack started it. */
export function workerEnvironment(
  name: "pythonWorker" | "typescriptWorker",
): Readonly<Record<string, string>> {
  const spec = readSpecs().find((one) => one.name === name);
  if (!spec) throw new Error(`The stack runs no ${name}.`);
  return spec.env;
}

/** A client of the stack's S3. */
export function stackS3(): S3Client {
  const { AWS_ENDPOINT_URL_S3 = "" } = workerEnvironment("pythonWorker");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new S3Client({
    endpoint: AWS_ENDPOINT_URL_S3,
    region: "us-east-1",
    credentials,
    forcePathStyle: true,
  });
}

/** Keys of the staged objects of a run of the demo tenant. */
export async function stagedObjects(runId: string): Promise<string[]> {
  const Bucket = workerEnvironment("pythonWorker")[ENV.stagingBucket];
  const Prefix = `${PREFIX.staging}/demo/${runId}/`;
  const { Contents = [] } = await stackS3().send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = "" }) => Key);
}
