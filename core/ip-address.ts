/**
 * IP addresses as numbers, in their canonical spellings only: whatever else a resolver would take
 * is no address here.
 */
export interface IpAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;

/** Undefined for what is not an address: octal, hexadecimal, short and zoned spellings, too. */
export function parseIp(text: string): IpAddress | undefined {
  const value = text.includes(":") ? ipv6Value(text) : ipv4Value(text);
  return value === undefined ? undefined : { bits: text.includes(":") ? 128 : 32, value };
}

/** Whether an address lies in a range of its own family, written as `10.0.0.0/8`. */
export function isWithin(address: IpAddress, range: string): boolean {
  const [start = "", length = ""] = range.split("/");
  const first = parseIp(start);
  if (!first || first.bits !== address.bits) return false;
  const shift = BigInt(address.bits - Number(length));
  return address.value >> shift === first.value >> shift;
}

function ipv4Value(text: string): bigint | undefined {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((one) => OCTET.test(one) && Number(one) < 256))
    return undefined;
  return octets.reduce((sum, one) => (sum << 8n) | BigInt(one), 0n);
}

function ipv6Value(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => groups(half));
  if (!head || (halves.length === 2 && !tail)) return undefined;

  const missing = 8 - head.length - (tail?.length ?? 0);
  const complete = halves.length === 2 ? missing >= 1 : missing === 0;
  if (!complete || (tail && hasDots(halves[0] ?? ""))) return undefined;

  const all = [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return all.reduce((sum, one) => (sum << 16n) | one, 0n);
}

/** The groups of one side of `::`; the last may be written as an IPv4 address. */
function groups(half: string): bigint[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const last = parts.at(-1) ?? "";
  const ipv4 = hasDots(last) ? ipv4Value(last) : undefined;
  if (hasDots(last) && ipv4 === undefined) return undefined;

  const hex = ipv4 === undefined ? parts : parts.slice(0, -1);
  if (!hex.every((part) => GROUP.test(part))) return undefined;
  const values = hex.map((part) => BigInt(`0x${part}`));
  return ipv4 === undefined ? values : [...values, ipv4 >> 16n, ipv4 & 0xffffn];
}

const hasDots = (text: string) => text.includes(".");
