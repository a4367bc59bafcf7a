import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { withAcceptedCredentials } from "../../../core/accepted-credentials.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { findEndpoint } from "./store.ts";

/**
 * The source took this version of the endpoint's credentials: an `AUTH_ERROR` of before is over.
 * Quiet when there is none, no endpoint, or when the endpoint has other credentials by now, or
 * none.
 */
export async function saveAcceptedCredentials(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  tried: string,
): Promise<void> {
  const seen = await findEndpoint(tables, tenantId, endpointId);
  if (seen?.status !== "AUTH_ERROR" || seen.credentialVersion !== tried) return;
  const { status, lastError } = withAcceptedCredentials(seen);
  const update = new UpdateCommand({
    TableName: tables.control,
    Key: keys.endpoint(tenantId, endpointId),
    UpdateExpression: "SET #status = :status, lastError = :error",
    ConditionExpression: "#status = :refused AND credentialVersion = :tried",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":status": status,
      ":error": lastError,
      ":refused": seen.status,
      ":tried": tried,
    },
  });
  try {
    await tables.client.send(update);
  } catch (error) {
    // A collection began, or other credentials came: their word counts.
    if (!(error instanceof Error && error.name === "ConditionalCheckFailedException")) throw error;
  }
}
