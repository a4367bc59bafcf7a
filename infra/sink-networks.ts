/** Private networks that an environment opens to its workers, each for one tenant's sinks. */
import type { Environment, SinkNetwork } from "./environments.ts";

/**
 * What the workers' network ACL denies otherwise: what is private or carries a cloud's own
 * services.
 */
export const PRIVATE_RANGES: readonly string[] = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
];

/**
 * Each takes a rule in both directions, beside those that deny; AWS takes 20 unless it is asked for
 * more.
 */
const MOST_RULES = 12;
/** 256 addresses: one tenant's databases, and not a company's whole network. */
const SHORTEST_PREFIX = 24;

/**
 * Throws, saying what to change, for a network that is ours, public, another tenant's, or larger
 * than it need be.
 */
export function checkSinkNetworks({ name, workerNetwork, sinkNetworks = [] }: Environment): void {
  const ours = parseRange(workerNetwork);
  if (!ours)
    throw new Error(
      `${name}: ${workerNetwork} is no IPv4 range. Give workerNetwork as 10.0.0.0/16.`,
    );

  for (const network of sinkNetworks) checkOne(name, network, ours);
  for (const [at, { tenantId, cidr }] of sinkNetworks.entries()) {
    const shared = sinkNetworks
      .slice(0, at)
      .find((one) => one.tenantId !== tenantId && overlaps(one.cidr, cidr));
    if (shared)
      throw new Error(
        `${name}: ${cidr} is of ${shared.tenantId} and ${tenantId}. Name it for one tenant.`,
      );
  }

  const rules = sinkNetworks.reduce((sum, { ports }) => sum + ports.length, 0);
  if (rules <= MOST_RULES) return;
  throw new Error(
    `${name}: sinkNetworks name ${rules} ports, and a network ACL takes ${MOST_RULES}. Name fewer.`,
  );
}

function checkOne(environment: string, { tenantId, cidr, ports }: SinkNetwork, ours: Range): void {
  const range = parseRange(cidr);
  const said = `${environment}: the sink network ${cidr} of ${tenantId}`;

  if (!range || range.length < SHORTEST_PREFIX) {
    throw new Error(
      `${said} is no IPv4 range of /${SHORTEST_PREFIX} or smaller. Name the sinks' own subnet.`,
    );
  }
  if (contains(ours, range) || contains(range, ours)) {
    throw new Error(`${said} is in our own network. Sinks live in a network of their tenant's.`);
  }

  const around = PRIVATE_RANGES.find((one) => overlaps(one, cidr));
  if (!around || around.startsWith("169.254.")) {
    throw new Error(
      `${said} is not private. Public hosts need no opening; link-local ones get none.`,
    );
  }

  if (
    ports.length === 0 ||
    !ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)
  ) {
    throw new Error(`${said} has no ports between 1 and 65535. Name those of the sinks.`);
  }
}

interface Range {
  readonly first: number;
  readonly length: number;
}

/**
 * Undefined for what is no range in its canonical spelling: one with bits beyond its length set,
 * among others.
 */
function parseRange(text: string): Range | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)?.slice(1);
  const [length = 33, ...octets] = [
    Number(parts?.at(-1) ?? 33),
    ...(parts ?? []).slice(0, 4).map(Number),
  ];
  if (length > 32 || octets.some((octet) => octet > 255)) return undefined;
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return first % 2 ** (32 - length) === 0 ? { first, length } : undefined;
}

function contains(outer: Range, inner: Range): boolean {
  const size = 2 ** (32 - outer.length);
  return inner.length >= outer.length && Math.floor(inner.first / size) === outer.first / size;
}

function overlaps(one: string, other: string): boolean {
  const [a, b] = [parseRange(one), parseRange(other)];
  return a !== undefined && b !== undefined && (contains(a, b) || contains(b, a));
}
