import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { guardSizes } from "./table/size-guard.ts";

/** The three tables, by life (docs/design/planes.md), and the client that speaks to them. */
export interface Tables {
  readonly client: DynamoDBDocumentClient;
  readonly control: string;
  readonly events: string;
  readonly hot: string;
}

/** As it is stored: keys, marks and the attributes of its noun. */
export type Item = Record<string, unknown>;

/** Opens the tables. Reads no environment: names come from the process's own configuration. */
export function openTables(names: { control: string; events: string; hot: string }): Tables {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 5 }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  guardSizes(client);
  return { client, ...names };
}
