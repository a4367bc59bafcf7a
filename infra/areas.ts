import { PREFIX } from "../schemas/names.ts";
import { brokerName, invokeBroker } from "./constructs/broker.ts";
import { callSettings } from "./constructs/call-settings.ts";
import type { InletFunctionProps } from "./constructs/inlet-function.ts";
import {
  appendToJournal,
  listObjects,
  type Permission,
  readSecrets,
  readTable,
  useKey,
  useObjects,
  writeTable,
} from "./constructs/permissions.ts";
import type { DataReferences } from "./constructs/references.ts";
import type { Environment } from "./environments.ts";
import { CONTROL_INDEXES } from "./stacks/data.ts";

export type Area = Pick<InletFunctionProps, "entry" | "variables" | "permissions">;

/** Environment and permissions of each area of the API (the table of functions/README.md). */
export function areas(
  environment: Environment,
  data: DataReferences,
  apiUrl: string,
): Record<string, Area> {
  const { control, events, hot, staging, lake, key, cursorSecret, grantSecret } = data;
  const tables = {
    controlTable: control.tableName,
    eventsTable: events.tableName,
    hotTable: hot.tableName,
    defaultQuotas: JSON.stringify(environment.defaultQuotas),
  };
  const cursor = { cursorSecret: cursorSecret.secretArn };
  const egress = { allowPrivateNetworks: String(environment.allowPrivateNetworks) };
  const configRules = {
    minimumIntervalMinutes: String(environment.minimumIntervalMinutes),
    rateLimit: JSON.stringify(environment.rateLimit),
  };

  const readControl = readTable(control, CONTROL_INDEXES);
  // Every request counts against its tenant's rate.
  const countRequests = [readTable(hot), writeTable(hot)];
  const changeControl = [
    readControl,
    writeTable(control),
    ...appendToJournal(events),
    ...countRequests,
  ];
  const oauth: Pick<Area, "variables" | "permissions"> = {
    variables: {
      ...tables,
      ...egress,
      keyId: key.keyArn,
      apiUrl,
      oauthRedirectUris: JSON.stringify(environment.oauthRedirectUris ?? []),
    },
    permissions: [
      ...changeControl,
      useKey(key, "GenerateDataKey", "Decrypt"),
      openCredentials(environment, data),
    ],
  };
  const keepCredentials = [useKey(key, "GenerateDataKey"), writeCredentials(environment, data)];

  const methods = {
    entry: "functions/rest/methods/handler.ts",
    variables: {
      ...tables,
      ...cursor,
      ...egress,
      ...callSettings(environment, data),
      stagingBucket: staging.bucketName,
    },
    permissions: [
      ...changeControl,
      readSecrets(cursorSecret, grantSecret),
      invokeBroker(environment, data.stack),
      useObjects(staging, `${PREFIX.calls}/`, "GetObject", "PutObject"),
      useKey(key, "GenerateDataKey", "Decrypt"),
    ],
  };

  return {
    registry: {
      entry: "functions/rest/registry/handler.ts",
      variables: { ...tables, ...cursor, ...egress, stagingBucket: staging.bucketName },
      permissions: [
        ...changeControl,
        readSecrets(cursorSecret),
        // A link to put a document is signed here, and whether one was put is asked.
        useObjects(staging, `${PREFIX.connectors}/`, "PutObject", "GetObject"),
        listObjects(staging, `${PREFIX.connectors}/`),
        useKey(key, "GenerateDataKey", "Decrypt"),
      ],
    },
    sinks: {
      entry: "functions/rest/sinks/handler.ts",
      variables: {
        ...tables,
        ...cursor,
        keyId: key.keyArn,
        account: data.stack.account,
        lakeBucket: lake.bucketName,
        stagingBucket: staging.bucketName,
      },
      permissions: [...changeControl, ...keepCredentials, readSecrets(cursorSecret)],
    },
    endpoints: {
      entry: "functions/rest/endpoints/handler.ts",
      variables: {
        ...tables,
        ...cursor,
        ...configRules,
        ...egress,
        keyId: key.keyArn,
        stagingBucket: staging.bucketName,
      },
      permissions: [
        ...changeControl,
        ...keepCredentials,
        readSecrets(cursorSecret),
        useObjects(staging, "preview/", "GetObject"),
        // A preview that has expired is missing to whoever may list it, and forbidden to others.
        listObjects(staging, "preview/"),
        useObjects(staging, "quarantine/", "GetObject"),
        listObjects(staging, "quarantine/"),
        useKey(key, "Decrypt"),
      ],
    },
    runs: {
      entry: "functions/rest/runs/handler.ts",
      variables: {
        ...tables,
        ...cursor,
        lakeBucket: lake.bucketName,
        stagingBucket: staging.bucketName,
      },
      permissions: [
        ...changeControl,
        readSecrets(cursorSecret),
        readTable(events),
        ...[PREFIX.files, PREFIX.lake].flatMap((folder) => [
          listObjects(lake, `${folder}/`),
          useObjects(lake, `${folder}/`, "GetObject"),
        ]),
        listObjects(staging, `${PREFIX.artifacts}/`),
        useObjects(staging, `${PREFIX.artifacts}/`, "GetObject"),
        useKey(key, "Decrypt"),
      ],
    },
    administration: {
      entry: "functions/rest/administration/handler.ts",
      variables: { ...tables, ...cursor },
      permissions: [...changeControl, readTable(events), readSecrets(cursorSecret)],
    },
    knowledge: {
      entry: "functions/rest/knowledge/handler.ts",
      variables: { ...tables, ...cursor },
      permissions: [readControl, ...countRequests, readSecrets(cursorSecret)],
    },
    // It calls methods, and reads what the other tools read.
    agents: { ...methods, entry: "functions/rest/agents/handler.ts" },
    methods,
    credentials: {
      entry: "functions/rest/credentials/handler.ts",
      variables: {
        ...oauth.variables,
        brokerFunction: brokerName(environment),
        grantSecret: grantSecret.secretArn,
      },
      permissions: [
        ...oauth.permissions,
        readSecrets(grantSecret),
        invokeBroker(environment, data.stack),
      ],
    },
    "oauth-callback": { entry: "functions/oauth-callback/handler.ts", ...oauth },
    operations: { entry: "functions/rest/operations/handler.ts", variables: {}, permissions: [] },
    graphql: {
      entry: "functions/graphql/handler.ts",
      variables: { ...tables, ...configRules },
      permissions: changeControl,
    },
  };
}

/** Of an endpoint: its OAuth client, and the tokens that come of it. */
const openCredentials = (environment: Environment, data: DataReferences) =>
  credentialsOf(environment, data, ["GetSecretValue", "CreateSecret", "DeleteSecret"]);

const writeCredentials = (environment: Environment, data: DataReferences) =>
  credentialsOf(environment, data, ["CreateSecret", "DeleteSecret"]);

/** Credentials of every tenant's endpoints and sinks. */
function credentialsOf(
  environment: Environment,
  data: DataReferences,
  verbs: readonly string[],
): Permission {
  const { partition, region, account } = data.stack;
  return {
    actions: verbs.map((verb) => `secretsmanager:${verb}`),
    resources: [
      `arn:${partition}:secretsmanager:${region}:${account}:secret:inlet/${environment.name}/*`,
    ],
    wildcard:
      "Secrets of endpoints and sinks get their names when these are registered; others " +
      "are not under it.",
  };
}
