/**
 * What the Lambda functions logged, by CloudWatch Logs' own protocol: its client is no dependency
 * of ours.
 */

import type { Trace } from "../stored.ts";
import { workerEnvironment } from "./staging.ts";

interface Events {
  events?: { message: string }[];
  nextToken?: string;
}

export async function* lambdaLogs(): AsyncIterable<Trace> {
  const { logGroups } = await ask<{ logGroups: { logGroupName: string }[] }>(
    "DescribeLogGroups",
    {},
  );
  for (const { logGroupName } of logGroups) {
    let nextToken: string | undefined;
    do {
      const page: Events = await ask("FilterLogEvents", { logGroupName, nextToken });
      for (const { message } of page.events ?? []) yield { where: logGroupName, bytes: message };
      nextToken = page.nextToken;
    } while (nextToken);
  }
}

async function ask<T>(action: string, body: unknown): Promise<T> {
  const { AWS_ENDPOINT_URL = "", AWS_REGION = "" } = workerEnvironment("pythonWorker");
  const scope = `test/20260101/${AWS_REGION}/logs/aws4_request`;
  const answer = await fetch(AWS_ENDPOINT_URL, {
    method: "POST",
    headers: {
      "x-amz-target": `Logs_20140328.${action}`,
      "content-type": "application/x-amz-json-1.1",
      // The emulator reads the service from the scope and checks no signature.
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify(body),
  });

  if (!answer.ok) throw new Error(`${action} answered ${answer.status}.`);
  return (await answer.json()) as T;
}
