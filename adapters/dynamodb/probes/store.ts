import type { Probe } from "../../../schemas/collection.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { findItem } from "../table/find.ts";
import { transact } from "../table/transact.ts";
import { put } from "../table/write.ts";
import { probeItem, toProbe } from "./items.ts";
import { probingWrite, withinProbeQuota } from "./quota.ts";

/** What the data plane gets of an endpoint. */
const OFFERED = [
  "tenantId",
  "endpointId",
  "slug",
  "connector",
  "connectorVersion",
  "config",
  "authType",
  "credentialVersion",
] as const satisfies (keyof Endpoint)[];

/** An endpoint as it would be, with credentials that are stored and that nothing points at yet. */
export type OfferedEndpoint = Pick<Endpoint, (typeof OFFERED)[number]>;

/** A sink that is tried before it is stored, with the role that its credentials name. */
export interface OfferedSink {
  readonly sink: Sink;
  readonly roleArn: string | null;
  /** The sink that it is written through, if any. */
  readonly through?: OfferedSink | undefined;
}

export type Offered = OfferedEndpoint | OfferedSink;

/**
 * Asks the data plane: the mark has the bridge start the probe, with what is stored or what is
 * offered. Throws `RATE_LIMITED` when the tenant has `limit` of them at work.
 */
export async function queueProbe(
  tables: Tables,
  probe: Probe,
  {
    offered,
    limit,
  }: { readonly offered?: Offered | undefined; readonly limit?: number | undefined } = {},
): Promise<void> {
  const { tenantId, queuedAt } = probe;
  const now = new Date(queuedAt);
  const item = { ...probeItem(probe, now), ...(offered && { offered: partsOf(offered) }) };
  const writes = [probingWrite(tables, probe, limit), put(tables.control, item)];
  await withinProbeQuota(tables, tenantId, now, () => transact(tables, writes));
}

const partsOf = (offered: Offered): object =>
  "sink" in offered ? offered : Object.fromEntries(OFFERED.map((name) => [name, offered[name]]));

/** Throws `NOT_FOUND` when the tenant has no such probe, or it is older than a day. */
export async function getProbe(tables: Tables, tenantId: string, probeId: string): Promise<Probe> {
  return (await getAskedProbe(tables, tenantId, probeId)).probe;
}

interface AskedProbe {
  readonly probe: Probe;
  /** What it is to try in place of what is stored. */
  readonly offered: Offered | undefined;
  /**
   * Version of the endpoint's credentials that it tries, once it is at work; null when the endpoint
   * has none.
   */
  readonly tried: string | null | undefined;
}

/** Throws `NOT_FOUND`. */
export async function getAskedProbe(
  tables: Tables,
  tenantId: string,
  probeId: string,
): Promise<AskedProbe> {
  const item = await findItem(tables, keys.probe(tenantId, probeId));
  if (item) {
    const tried = item.tried as string | null | undefined;
    return { probe: toProbe(item), offered: item.offered as Offered | undefined, tried };
  }

  throw new DomainError(
    "NOT_FOUND",
    "There is no such probe, or it is older than a day. Start a new one.",
  );
}

/** Most answers come within a second; a site that is silent is looked after less often. */
const FIRST_LOOK_MS = 150;
const SLOWER = 1.3;
const SLOWEST_LOOK_MS = 1000;

/** Waits for the answer; after `patienceMs` the probe is returned as it stands. */
export async function awaitProbe(tables: Tables, probe: Probe, patienceMs: number): Promise<Probe> {
  const until = Date.now() + patienceMs;
  for (let stepMs = FIRST_LOOK_MS; ; stepMs = Math.min(stepMs * SLOWER, SLOWEST_LOOK_MS)) {
    const current = await getProbe(tables, probe.tenantId, probe.probeId);
    if (current.finishedAt !== null || Date.now() + stepMs > until) return current;
    await new Promise((wake) => setTimeout(wake, stepMs));
  }
}
