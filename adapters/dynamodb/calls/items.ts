import * as z from "zod";
import { MethodCall } from "../../../schemas/method-call.ts";
import type { Item } from "../client.ts";
import { keys } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";

const Bytes = z.instanceof(Uint8Array);

/** A call as it is stored: what was asked and what came of it, sealed. */
export const StoredCall = z.object({
  ...MethodCall.omit({ result: true, resultUrl: true }).shape,
  tenantId: z.string(),
  /** As the audit names them. */
  caller: z.string(),
  /** What the vendor is told, where it takes a key. */
  vendorKey: z.string(),
  /** Gone once the call has ended. */
  params: Bytes.nullable(),
  result: Bytes.nullable(),
  /** Object of the staging bucket that has a result which is too large for the item. */
  resultKey: z.string().nullable(),
  /** Who executes it: whoever comes next gives another name, and the one before does no more. */
  attempt: z.string().nullable(),
  /**
   * The vendor may have been asked for something that it does each time anew (`ONCE`), or that it
   * does once however often it is asked.
   */
  sending: z.enum(["ONCE", "REPEATABLE"]).nullable(),
  /** A request waits for it until then; null for one that nobody waits for. */
  heldUntil: z.string().nullable(),
});
export type StoredCall = z.infer<typeof StoredCall>;

const KEPT_SECONDS = 25 * 3600;

export const toCall = (item: Item): StoredCall => StoredCall.parse(item);

/** A call that nobody waits for has the mark that the bridge works off. */
export const callItem = (call: StoredCall): Item => {
  const now = new Date(call.queuedAt);
  return {
    ...keys.call(call.tenantId, call.endpointId, call.callId),
    entity: "call",
    ttl: Math.floor(now.getTime() / 1000) + KEPT_SECONDS,
    ...call,
    ...(call.status === "QUEUED" && pendingMark("call", now)),
  };
};
