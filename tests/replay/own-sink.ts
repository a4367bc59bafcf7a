/** A sink of files in a bucket of another account. */
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { ApiClient } from "../../client/api-client.ts";
import type { Stack } from "../../local/stack-file.ts";
import { CreateSink } from "../../schemas/operations/sinks.ts";
import type { ShownSink } from "../../schemas/sink.ts";

/** To the emulator, a key that is an account's number is that account. */
const ACCOUNT = "111122223333";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/inlet-lands-here`;

export async function aSinkOfFiles(
  api: ApiClient,
  { awsEndpointUrl }: Stack,
  name: string,
): Promise<ShownSink> {
  const bucket = name.replaceAll("_", "-");
  const s3 = new S3Client({
    endpoint: awsEndpointUrl,
    region: "us-east-1",
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: "test" },
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return api.call(CreateSink, {
    body: {
      name,
      type: "files.parquet",
      config: { location: `s3://${bucket}/inlet` },
      credentials: { authType: "aws_role", secret: { roleArn: ROLE } },
    },
  });
}
