import type { Item, Tables } from "../client.ts";
import { type Key, keys } from "../keys.ts";
import type { Change } from "../table/change.ts";
import { absent, any, type Condition, isBelow, isBetween } from "../table/condition.ts";
import { update, write } from "../table/write.ts";

const MINUTE_MS = 60_000;
const RACES = 10;
const KEPT_SECONDS = 3600;

interface Taking {
  readonly tokens: number;
  readonly perMinute: number;
  /** What the bucket holds: a minute's worth unless said otherwise. */
  readonly burst?: number;
}

/** A bucket of one method of an endpoint. */
export interface MethodBucket {
  readonly endpointId: string;
  readonly method: string;
}

/**
 * Takes `tokens` out of the tenant's bucket, or a method's, which refills evenly. Answers 0 when
 * they were there, else in how many ms they will be. The bucket is one instant: when it will be
 * full again (the generic cell rate algorithm), so that taking is a single conditional write and
 * nothing has to fill it.
 */
export async function takeTokens(
  tables: Tables,
  tenantId: string,
  { tokens, perMinute, burst = perMinute }: Taking,
  now: Date,
  bucket?: MethodBucket,
): Promise<number> {
  const nowMs = now.getTime();
  const costMs = (tokens * MINUTE_MS) / perMinute;
  const latestMs = nowMs + (burst * MINUTE_MS) / perMinute - costMs;
  const key = bucket
    ? keys.methodRate(tenantId, bucket.endpointId, bucket.method)
    : keys.requestRate(tenantId);
  for (let race = 1; race <= RACES; race++) {
    const draining = await moveFullAt(tables, key, now, {
      change: { raise: { fullAt: { by: costMs } } },
      when: isBetween("fullAt", nowMs, latestMs),
    });
    if (draining === "TAKEN") return 0;
    if (draining.fullAt !== undefined && draining.fullAt > latestMs)
      return draining.fullAt - latestMs;

    const full = await moveFullAt(tables, key, now, {
      change: { set: { fullAt: nowMs + costMs } },
      when: any(absent("fullAt"), isBelow("fullAt", nowMs)),
    });
    if (full === "TAKEN") return 0;
  }
  return MINUTE_MS / perMinute;
}

/** The bucket as it was found when the condition did not hold. */
async function moveFullAt(
  tables: Tables,
  key: Key,
  now: Date,
  { change, when }: { readonly change: Change; readonly when: Condition },
): Promise<"TAKEN" | { fullAt: number | undefined }> {
  const ttl = Math.floor(now.getTime() / 1000) + KEPT_SECONDS;
  const moved = { ...change, set: { ...change.set, ttl } };

  try {
    await write(
      tables,
      update(tables.hot, key, moved, when, (found) => new Refused(found)),
    );
    return "TAKEN";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { fullAt } = error.found ?? {};
    return { fullAt: typeof fullAt === "number" ? fullAt : undefined };
  }
}

class Refused extends Error {
  readonly found: Item | undefined;

  constructor(found: Item | undefined) {
    super("The bucket is not as it was thought to be.");
    this.found = found;
  }
}
