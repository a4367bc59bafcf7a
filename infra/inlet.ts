import { App, type AppProps, Tags, Validations } from "aws-cdk-lib";
import { CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { InletFunction } from "./constructs/inlet-function.ts";
import { ReasonedChecks } from "./constructs/reasons.ts";
import { checkReserved } from "./constructs/reserved-concurrency.ts";
import type { Environment } from "./environments.ts";
import { AlarmsStack } from "./stacks/alarms.ts";
import { ApiStack } from "./stacks/api.ts";
import { BridgeStack } from "./stacks/bridge.ts";
import { CredentialsStack } from "./stacks/credentials.ts";
import { DataStack } from "./stacks/data.ts";
import { EventsStack } from "./stacks/events.ts";
import { IdentityStack } from "./stacks/identity.ts";
import { KnowledgeStack } from "./stacks/knowledge.ts";
import { WorkerStack } from "./stacks/worker.ts";

export const FEATURE_FLAGS = {
  "@aws-cdk/core:target-partitions": ["aws"],
  "@aws-cdk/core:enablePartitionLiterals": true,
  "@aws-cdk/core:defaultCrossStackReferences": "strong",
  "@aws-cdk/aws-iam:minimizePolicies": true,
  "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": true,
  "@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker": true,
};

/**
 * The whole of one environment, checked by cdk-nag when it is synthesised. Throws for reservations
 * that the account cannot give.
 */
export function inlet(settings: Environment, props: AppProps = {}): App {
  const app = new App({ ...props, context: { ...FEATURE_FLAGS, ...props.context } });
  const account = settings.account ?? process.env.CDK_DEFAULT_ACCOUNT;
  const env = { region: settings.region, ...(account ? { account } : {}) };
  const id = (name: string) => `inlet-${settings.name}-${name}`;

  const { topic: alarmTopic } = new AlarmsStack(app, id("alarms"), { env });
  const data = new DataStack(app, id("data"), { env, settings, alarmTopic });
  const { oidc } = new IdentityStack(app, id("identity"), settings, { env });
  const together = { env, settings, data, alarmTopic };
  new ApiStack(app, id("api"), { ...together, oidc });
  new BridgeStack(app, id("bridge"), together);
  new CredentialsStack(app, id("credentials"), together);
  new EventsStack(app, id("events"), together);
  new KnowledgeStack(app, id("knowledge"), together);
  new WorkerStack(app, id("worker"), together);

  const functions = app.node.findAll().filter((one) => one instanceof InletFunction);
  checkReserved(
    settings,
    functions.map(({ node }) => node.id),
  );
  if (settings.name === "local") dropMetricMath(app);
  Tags.of(app).add("inlet:environment", settings.name);
  Validations.of(app).addPlugins(new ReasonedChecks(app));
  return app;
}

/**
 * The emulator refuses alarms over a formula, and watches none: nobody is called from a local
 * stack.
 */
function dropMetricMath(app: App): void {
  for (const alarm of app.node.findAll()) {
    if (alarm instanceof CfnAlarm && alarm.metrics !== undefined)
      alarm.node.scope?.node.tryRemoveChild(alarm.node.id);
  }
}
