import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { brokerName } from "../constructs/broker.ts";
import { InletFunction } from "../constructs/inlet-function.ts";
import {
  appendToJournal,
  type Permission,
  readSecrets,
  readTable,
  useKey,
  writeTable,
} from "../constructs/permissions.ts";
import { type DataReferences, references } from "../constructs/references.ts";
import type { Environment } from "../environments.ts";
import { tenantsOwnRoles } from "../workers.ts";
import { CONTROL_INDEXES, type DataStack } from "./data.ts";

export interface CredentialsStackProps extends StackProps {
  readonly settings: Environment;
  readonly data: DataStack;
  readonly alarmTopic: ITopic;
}

/** Who opens credentials: the broker, which has no route, and the sweep of what nobody reads. */
export class CredentialsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, data, alarmTopic, ...props }: CredentialsStackProps,
  ) {
    super(scope, id, props);
    const known = references(this, data);
    const { control, events, hot, key, grantSecret } = known;

    const opening = {
      settings,
      alarmTopic,
      variables: {
        controlTable: control.tableName,
        eventsTable: events.tableName,
        hotTable: hot.tableName,
        keyId: key.keyArn,
        grantSecret: grantSecret.secretArn,
        allowPrivateNetworks: String(settings.allowPrivateNetworks),
      },
      permissions: [
        readTable(control, CONTROL_INDEXES),
        ...[control, hot].map(writeTable),
        readTable(hot),
        ...appendToJournal(events),
        useKey(key, "GenerateDataKey", "Decrypt"),
        readSecrets(grantSecret),
        openCredentials(settings, known),
        ...tenantsOwnRoles(settings, known),
      ],
    };

    new InletFunction(this, "credential-broker", {
      ...opening,
      functionName: brokerName(settings),
      entry: "functions/credential-broker/handler.ts",
      timeoutSeconds: 30,
    });
    const sweep = new InletFunction(this, "credential-sweep", {
      ...opening,
      entry: "functions/credential-sweep/handler.ts",
      timeoutSeconds: 840,
    });
    new Rule(this, "EveryHour", {
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [new LambdaFunction(sweep.function, { retryAttempts: 0 })],
    });
  }
}

/** Credentials of every tenant's endpoints and sinks. */
function openCredentials({ name }: Environment, { stack }: DataReferences): Permission {
  const { partition, region, account } = stack;
  return {
    actions: ["GetSecretValue", "CreateSecret", "PutSecretValue"].map(
      (verb) => `secretsmanager:${verb}`,
    ),
    resources: [`arn:${partition}:secretsmanager:${region}:${account}:secret:inlet/${name}/*`],
    wildcard: "Secrets of endpoints and sinks get their names when these are registered.",
  };
}
