/**
 * The guard of every address that a tenant names, as far as an address can be judged by looking at
 * it. Where a name leads is judged when it is resolved, by the one who connects
 * (`inlet_sdk/http/egress/`). Both read the same vectors.
 */
import {
  EGRESS_FAULT,
  EGRESS_HOST,
  EGRESS_HOST_FAULT,
  EGRESS_INSIDE_NAMES,
  EGRESS_LOCAL_RANGES,
  EGRESS_NEVER_IPV6,
  EGRESS_PORT,
  EGRESS_PUBLIC_IPV6,
  EGRESS_RANGES,
  EGRESS_URL,
  EGRESS_URL_LENGTH,
} from "../schemas/address-ranges.ts";
import { configAddresses } from "./config-addresses.ts";
import { type IpAddress, isWithin, parseIp } from "./ip-address.ts";
import type { Fault } from "./json-schema.ts";

export interface EgressRules {
  /**
   * Opens plain http, any port, loopback and private ranges: for a stack on one machine. Link-local
   * stays shut.
   */
  readonly allowPrivateNetworks: boolean;
}

const URL_FORM = new RegExp(EGRESS_URL);
const HOST_FORM = new RegExp(EGRESS_HOST);
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** A fault for each address of a config that we may not connect to, all in the same words. */
export function addressFaults(
  schema: Record<string, unknown>,
  config: unknown,
  rules: EgressRules,
): Fault[] {
  return configAddresses(schema, config, "config")
    .filter(({ value, kind }) => typeof value !== "string" || !JUDGED[kind].may(value, rules))
    .map(({ path, kind }) => ({ path, message: JUDGED[kind].fault }));
}

/** Whether a host by itself may be connected to, as far as its form tells. */
export function mayConnectTo(host: string, rules: EgressRules): boolean {
  const parts = HOST_FORM.exec(host);
  if (!parts) return false;
  return host.includes(":") ? mayConnectIp(host, rules) : mayConnectHost(host, rules);
}

/**
 * Whether a URL has the form of an address that may be connected to; of a name, where it leads is
 * another question.
 */
export function mayConnect(url: string, rules: EgressRules): boolean {
  const parts = url.length <= Number(EGRESS_URL_LENGTH) ? URL_FORM.exec(url) : null;
  if (!parts) return false;

  const [, scheme = "", ipv6, host = "", port] = parts;
  const local = rules.allowPrivateNetworks;
  const secure = scheme.toLowerCase() === "https";
  const portFits = local ? Number(port ?? 1) <= 65_535 : (port ?? EGRESS_PORT) === EGRESS_PORT;
  if (!portFits || !(secure || local)) return false;

  return ipv6 === undefined
    ? mayConnectHost(host, rules)
    : ipv6.includes(":") && mayConnectIp(ipv6, rules);
}

/** Whether an IP address in its canonical spelling may be connected to. */
export function mayConnectIp(text: string, { allowPrivateNetworks }: EgressRules): boolean {
  const address = parseIp(text);
  if (!address) return false;
  return isPublic(address) || (allowPrivateNetworks && isLocal(address));
}

function isPublic(address: IpAddress): boolean {
  if (address.bits === 32) return !EGRESS_RANGES.ipv4.some((range) => isWithin(address, range));
  return (
    isWithin(address, EGRESS_PUBLIC_IPV6) &&
    !EGRESS_RANGES.ipv6.some((range) => isWithin(address, range))
  );
}

function isLocal(address: IpAddress): boolean {
  const { ipv4, ipv6 } = EGRESS_LOCAL_RANGES;
  return (
    [...ipv4, ...ipv6].some((range) => isWithin(address, range)) &&
    !isWithin(address, EGRESS_NEVER_IPV6)
  );
}

/**
 * A resolver takes a name that ends in a number for an IPv4 address in some spelling, so only a
 * canonical one may.
 */
function mayConnectHost(host: string, rules: EgressRules): boolean {
  const labels = host.split(".");
  const last = (labels.at(-1) ?? "").toLowerCase();
  if (!labels.every((label) => LABEL.test(label))) return false;
  if (!/^[a-z]/.test(last)) return mayConnectIp(host, rules);
  if (rules.allowPrivateNetworks) return true;
  return labels.length > 1 && !EGRESS_INSIDE_NAMES.some((name) => name === last);
}

const JUDGED = {
  url: { may: mayConnect, fault: EGRESS_FAULT },
  host: { may: mayConnectTo, fault: EGRESS_HOST_FAULT },
} as const;
