/** Calls that are answered later, or that may be asked for again with the same key. */
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { type IdempotentRequest, idempotencyWrite } from "../requests/idempotency.ts";
import { absent, all, exists, isOneOf, matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { transact } from "../table/transact.ts";
import { put, set, write, writeIf } from "../table/write.ts";
import { callItem, type StoredCall, toCall } from "./items.ts";

export type CallAddress = Pick<StoredCall, "tenantId" | "endpointId" | "callId">;

/**
 * Stores a call, and under which key it may be asked for again. Fails with `IDEMPOTENCY_IN_FLIGHT`
 * when a twin was faster.
 */
export async function createCall(
  tables: Tables,
  call: StoredCall,
  idempotency?: IdempotentRequest,
): Promise<void> {
  const { tenantId, endpointId, callId, queuedAt } = call;
  const answer = { callId, endpointId };
  const keyed = idempotency
    ? [idempotencyWrite(tables, tenantId, idempotency, answer, new Date(queuedAt))]
    : [];
  await transact(tables, [put(tables.control, callItem(call), absent()), ...keyed]);
}

/** Throws `NOT_FOUND` when the endpoint has no such call, or it is older than a day. */
export async function getCall(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  callId: string,
): Promise<StoredCall> {
  const item = await findItem(tables, keys.call(tenantId, endpointId, callId));
  if (item) return toCall(item);
  throw new DomainError(
    "NOT_FOUND",
    "There is no such call, or it is older than a day. Call the method again.",
  );
}

/** Takes the call over from whoever executed it; false when it has ended. */
export function beginCall(
  tables: Tables,
  call: CallAddress,
  { attempt, heldUntil }: Pick<StoredCall, "attempt" | "heldUntil">,
  now: Date,
): Promise<boolean> {
  const begun = { status: "RUNNING", attempt, heldUntil, startedAt: now.toISOString() };
  const open = all(exists(), isOneOf("status", ["QUEUED", "RUNNING"]));
  return writeIf(tables, set(tables.control, keyOf(call), begun, open));
}

/** Before a request that may change something. Throws `CONFLICT` where somebody took the call over. */
export async function markSending(
  tables: Tables,
  call: CallAddress,
  attempt: string,
  sending: NonNullable<StoredCall["sending"]>,
): Promise<void> {
  const mine = matches({ attempt, status: "RUNNING" });
  const taken = () =>
    new DomainError("CONFLICT", "The call was taken over by another process, which goes on.");
  await write(tables, set(tables.control, keyOf(call), { sending }, mine, taken));
}

/** What became of it; its parameters are gone. Quiet where somebody took the call over, or ended it. */
export function endCall(
  tables: Tables,
  call: CallAddress,
  attempt: string,
  ended: Pick<StoredCall, "status" | "result" | "resultKey">,
  now: Date,
): Promise<boolean> {
  const values = { ...ended, params: null, finishedAt: now.toISOString() };
  const mine = matches({ attempt, status: "RUNNING" });
  return writeIf(tables, set(tables.control, keyOf(call), values, mine));
}

/** The request that waited waits no more: the bridge has the call go on. */
export function passOnCall(tables: Tables, call: CallAddress, now: Date): Promise<boolean> {
  const values = { status: "QUEUED", heldUntil: null, ...pendingMark("call", now) };
  const open = all(exists(), matches({ status: "RUNNING" }));
  return writeIf(tables, set(tables.control, keyOf(call), values, open));
}

const keyOf = ({ tenantId, endpointId, callId }: CallAddress) =>
  keys.call(tenantId, endpointId, callId);
