import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ENV } from "../schemas/names.ts";
import { ENVIRONMENTS, type Environment, environmentOf, type SinkNetwork } from "./environments.ts";
import { inlet } from "./inlet.ts";
import { LOCAL_CONTEXT } from "./local-context.ts";
import { PRIVATE_RANGES } from "./sink-networks.ts";
import { ofType, outdir, type Resource, resourcesOf } from "./templates-under-test.ts";

const DATABASES = { tenantId: "acme", cidr: "10.20.30.0/24", ports: [5432, 443] };
const with_ = (changes: Partial<Environment>): Environment => ({
  ...environmentOf("dev"),
  ...changes,
});

function resourcesWith(sinkNetworks: readonly SinkNetwork[]): Resource[] {
  const app = inlet(with_({ sinkNetworks }), {
    outdir: join(outdir, "walls"),
    context: LOCAL_CONTEXT,
  });
  return app.synth().stacks.flatMap(({ stackName: stack, template }) =>
    Object.entries(template.Resources as Record<string, Omit<Resource, "id" | "stack">>).map(
      ([id, resource]) => ({
        stack,
        id,
        ...resource,
      }),
    ),
  );
}

/**
 * What the ACL does with a packet between a worker and an address: the lowest rule that fits
 * decides.
 */
function verdict(
  resources: readonly Resource[],
  packet: { to?: string; from?: string; port: number },
): string {
  const address = packet.to ?? packet.from ?? "";
  const rules = ofType(resources, "EC2::NetworkAclEntry")
    .map(({ Properties }) => Properties)
    .filter(({ Egress }) => Boolean(Egress) === (packet.to !== undefined))
    .sort((a, b) => a.RuleNumber - b.RuleNumber);
  const fits = rules.find(
    ({ CidrBlock, PortRange, Protocol }) =>
      isWithin(address, CidrBlock) &&
      (Protocol === -1 ||
        (Protocol === 6 && packet.port >= PortRange.From && packet.port <= PortRange.To)),
  );
  return fits?.RuleAction ?? "deny";
}

function isWithin(address: string, range: string): boolean {
  const [start = "", length] = range.split("/");
  const value = (text: string) =>
    text.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(length));
  return Math.floor(value(address) / size) === Math.floor(value(start) / size);
}

const INSIDE = [
  "10.0.0.5",
  "10.255.0.1",
  "172.16.0.1",
  "172.31.1.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.170.2",
];
const OUTSIDE = ["8.8.8.8", "52.219.140.1", "172.32.0.1", "11.0.0.1"];

describe.each(ENVIRONMENTS.filter(({ natGateways }) => natGateways).map(({ name }) => name))(
  "the workers of %s",
  (name) => {
    const resources = resourcesOf(name);

    test("may reach https and Temporal, and no other port", () => {
      const [workers, ...others] = ofType(resources, "EC2::SecurityGroup");
      expect(others).toEqual([]);
      expect(workers?.Properties.SecurityGroupIngress).toBeUndefined();
      const open = workers?.Properties.SecurityGroupEgress.map(
        ({ CidrIp, IpProtocol, FromPort, ToPort }: Record<string, unknown>) => [
          CidrIp,
          IpProtocol,
          FromPort,
          ToPort,
        ],
      );
      expect(open).toEqual([
        ["0.0.0.0/0", "tcp", 443, 443],
        ["0.0.0.0/0", "tcp", 7233, 7233],
      ]);
    });

    test("exchange no packet with a private range, on whatever port", () => {
      for (const address of INSIDE) {
        for (const port of [22, 443, 5432, 7233, 40_000]) {
          expect([verdict(resources, { to: address, port }), address, port]).toEqual([
            "deny",
            address,
            port,
          ]);
          expect([verdict(resources, { from: address, port }), address, port]).toEqual([
            "deny",
            address,
            port,
          ]);
        }
      }
    });

    test("reach the internet on those ports, and hear its replies", () => {
      for (const address of OUTSIDE) {
        expect(
          [443, 7233, 80, 22].map((port) => verdict(resources, { to: address, port })),
        ).toEqual([...["allow", "allow", "deny", "deny"]]);
        expect(
          [32_768, 60_999, 22, 443].map((port) => verdict(resources, { from: address, port })),
        ).toEqual([...["allow", "allow", "deny", "deny"]]);
      }
    });

    test("live in the subnets that the wall is around, and NAT gateways in others", () => {
      const subnetOf = ({ Properties }: Resource) => JSON.stringify(Properties.SubnetId);
      const walled = ofType(resources, "EC2::SubnetNetworkAclAssociation").map(subnetOf);
      const services = ofType(resources, "ECS::Service").flatMap(({ Properties }) =>
        Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets.map((one: object) =>
          JSON.stringify(one),
        ),
      );
      expect(new Set(services)).toEqual(new Set(walled));
      for (const nat of ofType(resources, "EC2::NatGateway"))
        expect(walled).not.toContain(subnetOf(nat));
    });

    test("need no address of our own network: no interface endpoint is there to be denied", () => {
      const kinds = ofType(resources, "EC2::VPCEndpoint").map(
        ({ Properties }) => Properties.VpcEndpointType,
      );
      expect(kinds).toEqual(["Gateway", "Gateway"]);
    });
  },
);

describe("a network of one tenant's sinks", () => {
  const resources = resourcesWith([DATABASES]);

  test("is reached on its ports, and its replies arrive; its neighbours are not", () => {
    expect(verdict(resources, { to: "10.20.30.7", port: 5432 })).toBe("allow");
    expect(verdict(resources, { from: "10.20.30.7", port: 40_000 })).toBe("allow");
    expect(verdict(resources, { to: "10.20.30.7", port: 22 })).toBe("deny");
    expect(verdict(resources, { from: "10.20.30.7", port: 22 })).toBe("deny");
    expect(verdict(resources, { to: "10.20.31.7", port: 5432 })).toBe("deny");
    const [workers] = ofType(resources, "EC2::SecurityGroup");
    const named = workers?.Properties.SecurityGroupEgress.filter(
      ({ CidrIp }: { CidrIp: string }) => CidrIp === DATABASES.cidr,
    );
    expect(named.map(({ FromPort }: { FromPort: number }) => FromPort)).toEqual([5432, 443]);
  });

  test("is told to the data plane, whose guard opens it to that tenant", () => {
    const told = ofType(resources, "ECS::TaskDefinition")
      .flatMap(({ Properties }) => Properties.ContainerDefinitions[0].Environment)
      .filter(({ Name }) => Name === ENV.sinkNetworks);
    expect(told.map(({ Value }) => JSON.parse(Value))).toEqual([[DATABASES]]);
  });

  test.each<[string, Partial<Environment>, RegExp]>([
    [
      "in our own network",
      { sinkNetworks: [{ ...DATABASES, cidr: "10.0.16.0/24" }] },
      /in our own network/,
    ],
    [
      "around our own",
      { workerNetwork: "10.20.30.128/25", sinkNetworks: [DATABASES] },
      /in our own network/,
    ],
    [
      "larger than a subnet",
      { sinkNetworks: [{ ...DATABASES, cidr: "10.0.0.0/8" }] },
      /\/24 or smaller/,
    ],
    ["everything", { sinkNetworks: [{ ...DATABASES, cidr: "0.0.0.0/0" }] }, /\/24 or smaller/],
    ["public", { sinkNetworks: [{ ...DATABASES, cidr: "8.8.8.0/24" }] }, /not private/],
    ["link-local", { sinkNetworks: [{ ...DATABASES, cidr: "169.254.169.0/24" }] }, /not private/],
    ["misspelt", { sinkNetworks: [{ ...DATABASES, cidr: "10.20.30.1/24" }] }, /\/24 or smaller/],
    ["no range", { sinkNetworks: [{ ...DATABASES, cidr: "10.20.30.0" }] }, /\/24 or smaller/],
    ["without ports", { sinkNetworks: [{ ...DATABASES, ports: [] }] }, /no ports/],
    ["with a port that is none", { sinkNetworks: [{ ...DATABASES, ports: [70_000] }] }, /no ports/],
    [
      "of two tenants",
      { sinkNetworks: [DATABASES, { ...DATABASES, tenantId: "other" }] },
      /one tenant/,
    ],
    [
      "in more rules than an ACL takes",
      { sinkNetworks: [{ ...DATABASES, ports: Array.from({ length: 13 }, (_, at) => 5000 + at) }] },
      /Name fewer/,
    ],
    [
      "beside a network of ours that is no range",
      { workerNetwork: "10.0.0.0/40" },
      /no IPv4 range/,
    ],
  ])("that is %s fails the synthesis", (_, changes, says) => {
    const synthesise = () =>
      inlet(with_(changes), { outdir: join(outdir, "refused"), context: LOCAL_CONTEXT });
    expect(synthesise).toThrow(says);
  });
});

test("the private ranges of the wall hold every one that RFC 1918 and RFC 6598 name", () => {
  for (const address of INSIDE)
    expect(PRIVATE_RANGES.some((range) => isWithin(address, range))).toBe(true);
  for (const address of OUTSIDE)
    expect(PRIVATE_RANGES.some((range) => isWithin(address, range))).toBe(false);
});
