import { CfnCondition, CfnParameter, Fn, Stack, type StackProps } from "aws-cdk-lib";
import { Cluster, ContainerInsights } from "aws-cdk-lib/aws-ecs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { references } from "../constructs/references.ts";
import { WorkerNetwork } from "../constructs/worker-network.ts";
import { WorkerService } from "../constructs/worker-service.ts";
import type { Environment } from "../environments.ts";
import { pythonWorker, typescriptWorker } from "../workers.ts";
import type { DataStack } from "./data.ts";

export interface WorkerStackProps extends StackProps {
  readonly settings: Environment;
  readonly data: DataStack;
  readonly alarmTopic: ITopic;
}

/**
 * The two Temporal workers on Fargate. They run once the operator says that the Temporal secret is
 * filled.
 */
export class WorkerStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, data, alarmTopic, ...props }: WorkerStackProps,
  ) {
    super(scope, id, props);
    const known = references(this, data);
    const network = new WorkerNetwork(this, "Network", settings);
    const cluster = new Cluster(this, "Cluster", {
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    const together = { settings, cluster, network, alarmTopic, connected: this.connected() };
    const python = new WorkerService(this, "PythonWorker", {
      ...together,
      ...pythonWorker(settings, known),
    });
    const typescript = new WorkerService(this, "TypeScriptWorker", {
      ...together,
      ...typescriptWorker(settings, known),
    });
    // Activity contracts only grow: a new workflow must not meet an old activity.
    typescript.rollAfter(python);
  }

  /** The region's first two, found when it is deployed: a synthesis asks AWS nothing. */
  override get availabilityZones(): string[] {
    return [0, 1].map((position) => Fn.select(position, Fn.getAzs()));
  }

  /**
   * No tasks until `TemporalConnected=yes`: a first deployment must not wait for tasks that cannot
   * start.
   */
  private connected(): CfnCondition {
    const connected = new CfnParameter(this, "TemporalConnected", {
      allowedValues: ["no", "yes"],
      default: "no",
      description:
        "yes, once the Temporal secret and the payload key ring are filled and the images pushed",
    });
    return new CfnCondition(this, "Connected", {
      expression: Fn.conditionEquals(connected, "yes"),
    });
  }
}
