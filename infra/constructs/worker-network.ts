import { RemovalPolicy } from "aws-cdk-lib";
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { accept } from "./reasons.ts";

/** A network whose tasks can call out and that nobody can call into. */
export class WorkerNetwork extends Construct {
  readonly vpc: Vpc;
  readonly subnetType: SubnetType;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, settings: Environment) {
    super(scope, id);
    const { natGateways } = settings;
    this.subnetType = natGateways ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED;
    this.vpc = new Vpc(this, "Vpc", {
      maxAzs: 2,
      natGateways: natGateways ?? 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        ...(natGateways
          ? [{ name: "public", subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false }]
          : []),
        { name: "workers", subnetType: this.subnetType, cidrMask: 20 },
      ],
    });
    if (natGateways) {
      // Staging and lake traffic stays inside AWS and off the NAT gateway's bill.
      this.vpc.addGatewayEndpoint("S3", { service: GatewayVpcEndpointAwsService.S3 });
      this.vpc.addGatewayEndpoint("DynamoDb", { service: GatewayVpcEndpointAwsService.DYNAMODB });
      this.recordFlows(settings);
    } else {
      accept(this.vpc, {
        VPC7: "Nothing runs in this network: local workers are processes, and the emulator has no flows.",
      });
    }
    this.securityGroup = new SecurityGroup(this, "Workers", {
      vpc: this.vpc,
      description: "Temporal workers: out only",
    });
  }

  private recordFlows(settings: Environment): void {
    const logGroup = new LogGroup(this, "Flows", {
      retention: settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog("Rejected", {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup),
      trafficType: FlowLogTrafficType.REJECT,
    });
  }
}
