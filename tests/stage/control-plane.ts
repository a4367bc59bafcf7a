/**
 * A control plane on the emulator for tests of handlers: a published manifest, events as the
 * gateway sends them, roles.
 */
import { randomBytes } from "node:crypto";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { replaceUnits } from "../../adapters/dynamodb/catalog/units.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { getConnector, publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { write } from "../../adapters/dynamodb/table/write.ts";
import type { Handler } from "../../functions/runtime/rest.ts";
import { OPERATIONS } from "../../schemas/api.ts";
import type { Dataset } from "../../schemas/dataset.ts";
import type { Role } from "../../schemas/tenant.ts";
import { testBucket, testKey, testTables } from "./emulator.ts";
import { QUOTAS, RATE_LIMIT, OPERATIONS as SETTINGS } from "./quotas.ts";
import { aFileSink, aLake, aSource } from "./shop.ts";

/**
 * Makes tables, bucket, key and secret, and sets the environment that handlers read on their first
 * call.
 */
export async function startControlPlane(): Promise<Tables> {
  const tables = await testTables();
  const SecretString = randomBytes(32).toString("hex");
  const Name = `cursor-${randomBytes(4).toString("hex")}`;
  await new SecretsManagerClient({}).send(new CreateSecretCommand({ Name, SecretString }));
  const bucket = await testBucket();

  Object.assign(process.env, {
    INLET_ENVIRONMENT: "local",
    INLET_ACCOUNT: "000000000000",
    INLET_CONTROL_TABLE: tables.control,
    INLET_EVENTS_TABLE: tables.events,
    INLET_HOT_TABLE: tables.hot,
    INLET_STAGING_BUCKET: bucket,
    INLET_LAKE_BUCKET: bucket,
    INLET_KMS_KEY_ID: await testKey(),
    INLET_CURSOR_SECRET: Name,
    INLET_ALLOW_PRIVATE_NETWORKS: "false",
    INLET_API_URL: "https://api.example",
    INLET_OAUTH_REDIRECT_URIS: JSON.stringify(["https://console.example/oauth"]),
    INLET_MINIMUM_INTERVAL_MINUTES: "5",
    INLET_RATE_LIMIT: JSON.stringify(RATE_LIMIT),
    INLET_OPERATIONS: JSON.stringify(SETTINGS),
    INLET_GRANT_SECRET: Name,
    INLET_BROKER_FUNCTION: "inlet-local-credential-broker",
    INLET_DEFAULT_QUOTAS: JSON.stringify(QUOTAS),
  });

  await publishManifest(tables, {
    workerVersion: "1.0.0",
    connectors: [aSource(), aLake(), aFileSink()],
  });
  return tables;
}

/** What a finished collection leaves behind: these datasets, and the connector's units of them. */
export async function collected(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  names: string[],
): Promise<void> {
  const collectedAt = new Date().toISOString();
  for (const name of names) {
    const fields = [{ name: "id", type: "string" as const, nullable: false, description: null }];
    const dataset: Dataset = {
      datasetId: `${endpointId}:${name}`,
      endpointId,
      name,
      title: name,
      fields,
      ingestable: true,
      primaryKeys: ["id"],
      entries: [],
      vanished: false,
      collectedAt,
      fieldCount: 1,
      entryCount: 0,
    };
    const Item = {
      ...keys.dataset(tenantId, endpointId, name),
      entity: "dataset",
      tenantId,
      ...dataset,
    };
    await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
  }
  await findUnits(tables, tenantId, endpointId, names);

  await tables.client.send(
    new UpdateCommand({
      TableName: tables.control,
      Key: keys.endpoint(tenantId, endpointId),
      UpdateExpression: "SET lastCollectedAt = :at, #status = :ready",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":at": collectedAt, ":ready": "READY" },
    }),
  );
}

async function findUnits(tables: Tables, tenantId: string, endpointId: string, names: string[]) {
  const { connector, connectorVersion } = await getEndpoint(tables, tenantId, endpointId);
  const { units: listed } = await getConnector(tables, tenantId, connector, connectorVersion);
  const found = { connectorVersion, units: listed.filter((unit) => names.includes(unit.dataset)) };
  const units = await replaceUnits(tables, { tenantId, endpointId, found, now: new Date() });
  await write(tables, units);
}

export interface Caller {
  readonly tenantId: string;
  readonly roles: Role[];
  /** Default: anna. */
  readonly subject?: string;
  /** What the token calls the person. */
  readonly name?: string;
}

export const ADMIN: Caller = { tenantId: "acme", roles: ["admin"] };
export const VIEWER: Caller = { tenantId: "acme", roles: ["viewer"] };
export const STRANGER: Caller = { tenantId: "other", roles: ["admin"] };

export interface Sent {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly as?: Caller | null;
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON came.
type Answered = { status: number; headers: Readonly<Record<string, string>>; body: any };

/**
 * Calls the handler as the gateway would, and holds every answer against the operation's contract.
 */
export function caller(handler: Handler) {
  return async (
    method: string,
    target: string,
    { body, headers = {}, as = ADMIN }: Sent = {},
  ): Promise<Answered> => {
    const answer = await handler(gatewayEvent(method, target, { body, headers, as }), {});
    const parsed = answer.body === "" ? undefined : JSON.parse(answer.body);
    checkContract(method, target.split("?")[0] ?? "", answer.statusCode, parsed);
    return { status: answer.statusCode, headers: answer.headers, body: parsed };
  };
}

export function gatewayEvent(
  method: string,
  target: string,
  { body, headers = {}, as = ADMIN }: Sent,
): object {
  const url = new URL(target, "https://api.example");
  const query = Object.fromEntries(url.searchParams);

  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: {
      host: "api.example",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: "000000000000",
      requestId: "req-1",
      http: {
        method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "test",
      },
      ...(as && {
        authorizer: {
          lambda: {
            tenantId: as.tenantId,
            subject: as.subject ?? "anna",
            roles: as.roles.join(","),
            name: as.name,
          },
        },
      }),
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

/** Every 2xx body must be what the OpenAPI document promises: nothing missing, nothing more. */
function checkContract(method: string, path: string, status: number, body: unknown): void {
  if (status >= 300) return;
  const operation = OPERATIONS.find(
    (one) =>
      one.method === method &&
      new RegExp(`^${one.path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(path),
  );
  if (!operation || !(status in operation.answers))
    throw new Error(`${method} ${path} may not answer ${status}.`);
  const parsed = operation.answers[status]?.safeParse(body);
  if (parsed && !parsed.success)
    throw new Error(`${operation.id} broke its contract: ${parsed.error.message}`);
}
