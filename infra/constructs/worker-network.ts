import { RemovalPolicy } from "aws-cdk-lib";
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { checkSinkNetworks } from "../sink-networks.ts";
import { accept } from "./reasons.ts";
import { openPorts, WorkerAcl } from "./worker-walls.ts";

/**
 * A network whose tasks can call out to the internet and that nobody can call into. Throws for sink
 * networks of ours.
 */
export class WorkerNetwork extends Construct {
  readonly vpc: Vpc;
  readonly subnetType: SubnetType;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, settings: Environment) {
    super(scope, id);
    const { natGateways } = settings;
    checkSinkNetworks(settings);
    this.subnetType = natGateways ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED;
    this.vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr(settings.workerNetwork),
      maxAzs: 2,
      natGateways: natGateways ?? 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        ...(natGateways
          ? [
              {
                name: "public",
                subnetType: SubnetType.PUBLIC,
                cidrMask: 24,
                mapPublicIpOnLaunch: false,
              },
            ]
          : []),
        { name: "workers", subnetType: this.subnetType, cidrMask: 20 },
      ],
    });
    if (natGateways) {
      // Staging and lake traffic stays inside AWS and off the NAT gateway's bill.
      this.vpc.addGatewayEndpoint("S3", { service: GatewayVpcEndpointAwsService.S3 });
      this.vpc.addGatewayEndpoint("DynamoDb", { service: GatewayVpcEndpointAwsService.DYNAMODB });
      this.recordFlows(settings);
      new WorkerAcl(this, "Wall", this.vpc, { subnetType: this.subnetType }, settings);
    } else {
      accept(this.vpc, {
        VPC7:
          "Nothing runs in this network: local workers are processes, and the emulator has " +
          "no flows.",
      });
    }
    this.securityGroup = new SecurityGroup(this, "Workers", {
      vpc: this.vpc,
      description: "Temporal workers: out only",
      allowAllOutbound: false,
    });
    openPorts(this.securityGroup, settings);
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
