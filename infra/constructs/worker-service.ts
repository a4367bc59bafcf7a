import {
  type CfnCondition,
  CfnOutput,
  CfnParameter,
  Duration,
  Fn,
  RemovalPolicy,
  Token,
} from "aws-cdk-lib";
import { AdjustmentType } from "aws-cdk-lib/aws-applicationautoscaling";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import { Repository, TagMutability } from "aws-cdk-lib/aws-ecr";
import {
  Capability,
  ContainerImage,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
} from "aws-cdk-lib/aws-ecs";
import type { Role } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { ENV, METRIC } from "../../schemas/names.ts";
import type { Environment } from "../environments.ts";
import type { Worker } from "../workers.ts";
import { named } from "./inlet-function.ts";
import { roleFor } from "./permissions.ts";
import { accept } from "./reasons.ts";
import { ownMetric, watch } from "./watch.ts";
import type { WorkerNetwork } from "./worker-network.ts";

export interface WorkerServiceProps extends Worker {
  readonly settings: Environment;
  readonly cluster: ICluster;
  readonly network: WorkerNetwork;
  /** Whether there is a Temporal to connect to; no tasks otherwise. */
  readonly connected: CfnCondition;
  readonly alarmTopic: ITopic;
}

/**
 * Of what a container's root may do, all but CHOWN, KILL, SETGID and SETUID. Fargate can drop, not
 * add.
 */
const UNUSED_BY_ROOT: Capability[] = [
  Capability.AUDIT_WRITE,
  Capability.DAC_OVERRIDE,
  Capability.FOWNER,
  Capability.FSETID,
  Capability.MKNOD,
  Capability.NET_BIND_SERVICE,
  Capability.NET_RAW,
  Capability.SETFCAP,
  Capability.SETPCAP,
  Capability.SYS_CHROOT,
];

/**
 * Nothing has this digest: the services stay at zero tasks until an image was pushed and Temporal
 * connected.
 */
const NO_IMAGE = `sha256:${"0".repeat(64)}`;

/**
 * One worker: its repository, its task definition (whose environment the local stack reads) and its
 * service.
 */
export class WorkerService extends Construct {
  private readonly props: WorkerServiceProps;
  private readonly service: FargateService;

  constructor(scope: Construct, id: string, props: WorkerServiceProps) {
    super(scope, id);
    this.props = props;
    const task = this.task(id);
    const service = this.fargateService(task);
    this.service = service;
    if (props.size.maxTasks) this.scale(service, props.size.maxTasks);
    watch(this, "Busy", {
      metric: service.metricCpuUtilization({ period: Duration.minutes(15) }),
      threshold: 90,
      says: `${id} has been at its processor's limit for a quarter of an hour: raise its tasks.`,
      topic: props.alarmTopic,
    });
    for (const [nth, taskQueue] of props.taskQueues.entries()) {
      watch(this, numbered("Waiting", nth), {
        metric: backlog(taskQueue, Duration.minutes(15)),
        threshold: 0,
        says:
          `Tasks have waited on ${taskQueue} for a quarter of an hour: its workers are down, ` +
          "or too few.",
        topic: props.alarmTopic,
      });
    }
    watch(this, "Short", {
      metric: this.tasksBelowDesired(service),
      threshold: 0,
      evaluationPeriods: 3,
      says: `${id} has had fewer tasks than desired for a quarter of an hour: see why they stop.`,
      topic: props.alarmTopic,
    });
    new CfnOutput(this, "TaskDefinition", { value: task.taskDefinitionArn }).overrideLogicalId(
      `${id}TaskDefinition`,
    );
  }

  /** Each deployment rolls this service once the other is stable, and not when that one failed. */
  rollAfter(other: WorkerService): void {
    this.service.node.addDependency(other.service);
  }

  private task(id: string): FargateTaskDefinition {
    const { settings, permissions, size, variables } = this.props;
    const repository = new Repository(this, "Repository", {
      imageScanOnPush: true,
      imageTagMutability: TagMutability.IMMUTABLE,
      removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    new CfnOutput(this, "RepositoryUri", { value: repository.repositoryUri }).overrideLogicalId(
      `${id}Repository`,
    );

    const digest = new CfnParameter(this, "Digest", {
      default: NO_IMAGE,
      description: `Image digest of ${id}`,
    });
    digest.overrideLogicalId(`${id}Digest`);

    const taskRole = roleFor(this, "TaskRole", "ecs-tasks.amazonaws.com", permissions);
    const task = new FargateTaskDefinition(this, "Task", {
      cpu: size.cpu,
      memoryLimitMiB: size.memoryMib,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      taskRole,
    });

    const logGroup = new LogGroup(this, "Logs", {
      retention: settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    task.addContainer("worker", {
      image: ContainerImage.fromEcrRepository(repository, digest.valueAsString),
      environment: {
        [ENV.environment]: settings.name,
        ...named({ ...variables, ...this.runRole(taskRole) }),
      },
      linuxParameters: this.linuxParameters(),
      logging: LogDrivers.awsLogs({ streamPrefix: id, logGroup }),
      // Activities end within 60 s of SIGTERM (decision 7).
      stopTimeout: Duration.seconds(90),
    });

    accept(task, {
      ECS2: "Names of tables, buckets and secrets: nothing secret is in the environment.",
      "IAM5[Resource::*]": "ecr:GetAuthorizationToken knows no resources.",
    });
    return task;
  }

  /**
   * A worker with runs starts as root, to give each a user of its own, and keeps what that takes;
   * the other, nothing.
   */
  private linuxParameters(): LinuxParameters {
    const linux = new LinuxParameters(this, "Linux");
    linux.dropCapabilities(...(this.props.runPermissions ? UNUSED_BY_ROOT : [Capability.ALL]));
    return linux;
  }

  /**
   * The role that runs assume, each narrowed to its tenant, for a worker that has runs
   * (decision 14).
   */
  private runRole(taskRole: Role): { readonly runRole?: string } {
    const { runPermissions } = this.props;
    if (!runPermissions) return {};
    const role = roleFor(this, "RunRole", taskRole, runPermissions);
    role.grantAssumeRole(taskRole);
    return { runRole: role.roleArn };
  }

  /**
   * Out while tasks wait for a worker, in when the ones there are idle: an empty queue says nothing
   * of work in hand.
   */
  private scale(service: FargateService, maxTasks: number): void {
    const { connected, size } = this.props;
    const only = (count: number) => Token.asNumber(Fn.conditionIf(connected.logicalId, count, 0));
    const tasks = service.autoScaleTaskCount({
      minCapacity: only(size.tasks),
      maxCapacity: only(maxTasks),
    });
    const adjustmentType = AdjustmentType.CHANGE_IN_CAPACITY;

    for (const [nth, taskQueue] of this.props.taskQueues.entries()) {
      tasks.scaleOnMetric(numbered("Backlog", nth), {
        metric: backlog(taskQueue, Duration.minutes(1)),
        adjustmentType,
        scalingSteps: [
          { lower: 1, change: 1 },
          { lower: 20, change: 3 },
        ],
        evaluationPeriods: 2,
        cooldown: Duration.minutes(3),
      });
    }

    tasks.scaleOnMetric("Idle", {
      metric: service.metricCpuUtilization({ period: Duration.minutes(5) }),
      adjustmentType,
      scalingSteps: [
        { upper: 2, change: -2 },
        { upper: 10, change: -1 },
      ],
      evaluationPeriods: 3,
      cooldown: Duration.minutes(15),
    });
  }

  /** By Container Insights, which the cluster has on. */
  private tasksBelowDesired(service: FargateService): MathExpression {
    const { cluster } = this.props;
    const dimensionsMap = { ClusterName: cluster.clusterName, ServiceName: service.serviceName };
    const count = (metricName: string) => {
      const namespace = "ECS/ContainerInsights";
      return new Metric({
        namespace,
        metricName,
        dimensionsMap,
        statistic: "Average",
        period: Duration.minutes(5),
      });
    };

    const usingMetrics = { desired: count("DesiredTaskCount"), running: count("RunningTaskCount") };
    return new MathExpression({
      expression: "desired - running",
      usingMetrics,
      period: Duration.minutes(5),
    });
  }

  private fargateService(taskDefinition: FargateTaskDefinition): FargateService {
    const { cluster, network, connected, size } = this.props;

    return new FargateService(this, "Service", {
      cluster,
      taskDefinition,
      desiredCount: Token.asNumber(Fn.conditionIf(connected.logicalId, size.tasks, 0)),
      securityGroups: [network.securityGroup],
      vpcSubnets: { subnetType: network.subnetType },
      assignPublicIp: false,
      circuitBreaker: { rollback: true },
      // A worker that polls twice does no harm; an empty task queue does.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
    });
  }
}

/** The first keeps the name that it was deployed under. */
const numbered = (name: string, nth: number) => (nth === 0 ? name : `${name}${nth + 1}`);

/**
 * The least that waited on the queue at any minute of the period, as the reconciler measures it.
 */
function backlog(taskQueue: string, period: Duration): Metric {
  return ownMetric(
    METRIC.backlog,
    { [METRIC.taskQueue]: taskQueue },
    { statistic: "Minimum", period },
  );
}
