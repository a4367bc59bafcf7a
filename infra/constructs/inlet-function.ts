import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { ENV } from "../../schemas/names.ts";
import type { Environment } from "../environments.ts";
import { bundle } from "./bundle.ts";
import { type Permission, roleFor } from "./permissions.ts";
import { watch } from "./watch.ts";

export interface InletFunctionProps {
  readonly settings: Environment;
  /** Path of the entry file from the root; it exports `handler`. */
  readonly entry: string;
  readonly variables: Readonly<Partial<Record<keyof typeof ENV, string>>>;
  readonly permissions: readonly Permission[];
  readonly timeoutSeconds: number;
  /** For callers in other stacks that name it. Made up by CloudFormation when left out. */
  readonly functionName?: string;
  readonly memoryMib?: number;
  readonly alarmTopic: ITopic;
}

/** One Lambda with its own role (no managed policies), its log group and its error alarm. */
export class InletFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: InletFunctionProps) {
    super(scope, id);
    const { settings, alarmTopic: topic } = props;
    const logGroup = new LogGroup(this, "Logs", {
      retention: settings.logDays,
      removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const writeLogs = {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
      wildcard: "The log streams of the function's own log group.",
    };
    const role = roleFor(this, "Role", "lambda.amazonaws.com", [writeLogs, ...props.permissions]);
    const reserved = settings.reservedConcurrency?.functions[id];
    this.function = new LambdaFunction(this, "Function", {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundle(id, props.entry)),
      handler: "index.handler",
      role,
      logGroup,
      ...(props.functionName !== undefined && { functionName: props.functionName }),
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMib ?? 1024,
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
      environment: { [ENV.environment]: settings.name, ...named(props.variables) },
    });
    watch(this, "Errors", {
      metric: this.function.metricErrors({ period: Duration.minutes(5) }),
      threshold: 0,
      says: `${id} ended with an error that it did not turn into an answer: read its log.`,
      topic,
    });
    watch(this, "Throttles", {
      metric: this.function.metricThrottles({ period: Duration.minutes(5) }),
      threshold: 0,
      says:
        `${id} was not let in: too many at a time for the account, or for its reserved ` +
        "concurrency.",
      topic,
    });
  }
}

/** Environment variables under the names that the processes read. */
export function named(variables: InletFunctionProps["variables"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([key, value]) => [ENV[key as keyof typeof ENV], value]),
  );
}
