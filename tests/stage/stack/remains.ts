/** What the whole stack still holds of an endpoint or a tenant. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { ApiClient } from "../../../client/api-client.ts";
import { ENV } from "../../../schemas/names.ts";
import { ListAudit } from "../../../schemas/operations/audit.ts";
import { type Remains, remainsOf } from "../remains.ts";
import { stackS3, workerEnvironment } from "./staging.ts";
import { stackAws } from "./trace-scan.ts";
import { until } from "./until.ts";
import { openHistories } from "./workflow-histories.ts";

/** Everything in the stack that holds one of the texts, but audit entries and what has landed. */
export async function remainsInStack(...texts: string[]): Promise<Remains> {
  const { client: temporal } = await openHistories();
  try {
    return await remainsOf(texts, {
      dynamodb: new DynamoDBClient(stackAws()),
      s3: stackS3(),
      lakeBucket: workerEnvironment("pythonWorker")[ENV.lakeBucket] ?? "",
      secrets: new SecretsManagerClient(stackAws()),
      temporal,
    });
  } finally {
    await temporal.connection.close();
  }
}

/** Waits until the audit says that the endpoint's deletion is done. */
export async function untilDeleted(
  endpointId: string,
  api: ApiClient,
  seconds: number,
): Promise<void> {
  const query = { subject: `endpoint/${endpointId}`, action: "endpoint.deleted" };
  await until(`${endpointId} to be deleted`, seconds, async () => {
    const { items } = await api.call(ListAudit, { query });
    return items.length > 0;
  });
}
