import {
  AclCidr,
  AclTraffic,
  Action,
  NetworkAcl,
  Peer,
  Port,
  type SecurityGroup,
  type SubnetSelection,
  TrafficDirection,
  type Vpc,
} from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { PRIVATE_RANGES } from "../sink-networks.ts";
import { accept } from "./reasons.ts";

const HTTPS = 443;
/** Where replies arrive. An ACL keeps no state: it sees them as any other packet that comes in. */
const REPLIES = AclTraffic.tcpPortRange(1024, 65_535);
/**
 * Numbers of rules, the lowest that fits decides: what is opened by name, what is private, what is
 * public.
 */
const NAMED = 100;
const PRIVATE = 200;
const PUBLIC = 300;

interface Opened {
  readonly cidr: string;
  readonly port: number;
}

const openedIn = ({ sinkNetworks = [] }: Environment): Opened[] =>
  sinkNetworks.flatMap(({ cidr, ports }) => ports.map((port) => ({ cidr, port })));

const publicPorts = ({ temporalPort }: Environment): number[] => [
  ...new Set([HTTPS, temporalPort ?? HTTPS]),
];

/**
 * The workers may reach https, Temporal, and the sinks that the environment names: no other port of
 * any host.
 */
export function openPorts(workers: SecurityGroup, settings: Environment): void {
  for (const port of publicPorts(settings)) {
    const what = port === HTTPS ? "AWS, vendors, sinks" : "Temporal";
    workers.addEgressRule(Peer.anyIpv4(), Port.tcp(port), what);
  }
  for (const { cidr, port } of openedIn(settings)) {
    workers.addEgressRule(Peer.ipv4(cidr), Port.tcp(port), "a tenant's sinks");
  }
}

/**
 * The second wall behind the egress guard (docs/adr/0018): whatever a run is made to connect to,
 * packets to and from private ranges go nowhere. The public subnets, where NAT gateways take the
 * workers' packets from a private range, have none. Amazon's DNS, task credentials and clock are
 * beyond any ACL; S3 and DynamoDB are public ranges behind gateway endpoints. An interface endpoint
 * would be an address of our own network, and denied: give it a rule here.
 */
export class WorkerAcl extends Construct {
  private readonly acl: NetworkAcl;

  constructor(
    scope: Construct,
    id: string,
    vpc: Vpc,
    subnetSelection: SubnetSelection,
    settings: Environment,
  ) {
    super(scope, id);
    this.acl = new NetworkAcl(this, "Acl", { vpc, subnetSelection });
    accept(this, {
      VPC3:
        "The second wall behind the egress guard, and behind the security group, which " +
        "cannot deny.",
    });

    for (const [at, { cidr, port }] of openedIn(settings).entries()) {
      this.allow(
        `SinkOut${at}`,
        TrafficDirection.EGRESS,
        NAMED + at,
        cidr,
        AclTraffic.tcpPort(port),
      );
      this.allow(`SinkBack${at}`, TrafficDirection.INGRESS, NAMED + at, cidr, REPLIES);
    }
    for (const [at, cidr] of PRIVATE_RANGES.entries()) {
      this.deny(`PrivateOut${at}`, TrafficDirection.EGRESS, PRIVATE + at, cidr);
      this.deny(`PrivateIn${at}`, TrafficDirection.INGRESS, PRIVATE + at, cidr);
    }
    for (const [at, port] of publicPorts(settings).entries()) {
      this.allow(
        `Out${port}`,
        TrafficDirection.EGRESS,
        PUBLIC + at,
        undefined,
        AclTraffic.tcpPort(port),
      );
    }
    this.allow("Back", TrafficDirection.INGRESS, PUBLIC, undefined, REPLIES);
  }

  private allow(
    id: string,
    direction: TrafficDirection,
    ruleNumber: number,
    cidr: string | undefined,
    traffic: AclTraffic,
  ): void {
    const from = cidr === undefined ? AclCidr.anyIpv4() : AclCidr.ipv4(cidr);
    this.acl.addEntry(id, { direction, ruleNumber, cidr: from, traffic, ruleAction: Action.ALLOW });
  }

  private deny(id: string, direction: TrafficDirection, ruleNumber: number, cidr: string): void {
    const everything = {
      cidr: AclCidr.ipv4(cidr),
      traffic: AclTraffic.allTraffic(),
      ruleAction: Action.DENY,
    };
    this.acl.addEntry(id, { direction, ruleNumber, ...everything });
  }
}
