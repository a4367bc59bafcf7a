/**
 * What the egress guard knows of addresses (docs/adr/0018): one table and one grammar for both
 * languages. Generated to Python as part of `inlet_sdk/contracts/names.py`.
 */

/**
 * The whole of an address that a tenant may name: no credentials, no query, no fragment, ASCII
 * only.
 */
export const EGRESS_URL =
  "^([Hh][Tt][Tt][Pp][Ss]?)://(?:\\[([0-9A-Fa-f:.]{2,45})\\]|([A-Za-z0-9.-]{1,253}))" +
  "(?::([1-9][0-9]{0,4}))?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$";
export const EGRESS_URL_LENGTH = "500";
export const EGRESS_PORT = "443";

/** The same words for every refused address: an answer that differs tells what is inside. */
export const EGRESS_FAULT =
  "must be an https URL of a public host, on port 443, without credentials, query or fragment";

/** The whole of a host that a tenant may name by itself, for a server that is no URL. */
export const EGRESS_HOST = "^(?:([0-9A-Fa-f:.]{2,45})|([A-Za-z0-9.-]{1,253}))$";
/** The same for it. */
export const EGRESS_HOST_FAULT = "must be the name of a public host, without scheme, port or path";

/** IPv6 is public within this range only, and there not in `EGRESS_RANGES.ipv6`. */
export const EGRESS_PUBLIC_IPV6 = "2000::/3";

/**
 * What is not the public internet: IANA's special-purpose registries, and two services of clouds.
 */
export const EGRESS_RANGES = {
  ipv4: [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
  ],
  /**
   * Among them Teredo, ORCHID, benchmarking, documentation and 6to4; all else that wraps IPv4 is
   * outside 2000::/3.
   */
  ipv6: ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20"],
} as const;

/**
 * What an environment opens that allows private networks. Link-local addresses are in neither list:
 * they stay shut.
 */
export const EGRESS_LOCAL_RANGES = {
  ipv4: ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
  ipv6: ["::1/128", "fc00::/7"],
} as const;

/**
 * Within the local ranges, and shut: the metadata service of AWS has an address that is unique
 * local.
 */
export const EGRESS_NEVER_IPV6 = "fd00:ec2::/32";

/** Names below these never lead to the internet. */
export const EGRESS_INSIDE_NAMES = [
  "arpa",
  "corp",
  "home",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "onion",
  "private",
] as const;
