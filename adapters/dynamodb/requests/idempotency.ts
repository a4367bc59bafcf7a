import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent, any, isBelow } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { type ConditionalWrite, put } from "../table/write.ts";

export interface IdempotentRequest {
  readonly route: string;
  readonly key: string;
  readonly requestHash: string;
}

const KEPT_SECONDS = 25 * 3600;

/**
 * What the first request with this key was answered; throws `IDEMPOTENCY_MISMATCH` when that was
 * another request.
 */
export async function findAnswer(
  tables: Tables,
  tenantId: string,
  { route, key, requestHash }: IdempotentRequest,
  now: Date,
): Promise<unknown> {
  const item = await findItem(tables, keys.idempotency(tenantId, route, key), {
    table: tables.hot,
  });

  if (!item || Number(item.ttl) < now.getTime() / 1000) return undefined;
  if (item.requestHash === requestHash) return item.response;
  const remedy = "Use a new key for a new request.";
  throw new DomainError(
    "IDEMPOTENCY_MISMATCH",
    `This idempotency key came with another request before. ${remedy}`,
  );
}

export interface Keyed {
  readonly tenantId: string;
  readonly idempotency?: IdempotentRequest | undefined;
  readonly now: Date;
}

/**
 * Answers what was recorded under the key, before anything else is judged: quotas, states and
 * whether things are there may have changed since. Else does the work; what a twin recorded while
 * it failed is the answer, too. Throws what `findAnswer` and the work throw.
 */
export async function oncePerKey<T>(
  tables: Tables,
  { tenantId, idempotency, now }: Keyed,
  parse: (recorded: Record<string, unknown>) => T,
  work: () => Promise<T>,
): Promise<T> {
  if (!idempotency) return work();

  const find = async () =>
    (await findAnswer(tables, tenantId, idempotency, now)) as Record<string, unknown> | undefined;
  const recorded = await find();
  if (recorded) return parse(recorded);

  try {
    return await work();
  } catch (error) {
    const twin = await find();
    if (twin) return parse(twin);
    throw error;
  }
}

/**
 * Keeps the answer, in the transaction of what it answers. Fails with `IDEMPOTENCY_IN_FLIGHT` when
 * a twin was faster.
 */
export function idempotencyWrite(
  tables: Tables,
  tenantId: string,
  { route, key, requestHash }: IdempotentRequest,
  response: unknown,
  now: Date,
): ConditionalWrite {
  const seconds = Math.floor(now.getTime() / 1000);
  const item = {
    ...keys.idempotency(tenantId, route, key),
    entity: "idempotency",
    requestHash,
    response,
    ttl: seconds + KEPT_SECONDS,
  };
  // The table forgets in its own time: what is past its time counts as forgotten.
  const forgotten = any(absent(), isBelow("ttl", seconds));
  const twin = () =>
    new DomainError(
      "IDEMPOTENCY_IN_FLIGHT",
      "The first request with this key is still being processed. Repeat it in a second.",
    );

  return put(tables.hot, item, forgotten, twin);
}
