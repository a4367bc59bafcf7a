import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { ATTEMPTS, backOff, isThrottled } from "./backoff.ts";
import { type ConditionalWrite, foundItem } from "./write.ts";

export type { ConditionalWrite } from "./write.ts";

const TRANSIENT = new Set([
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
]);

/**
 * All of it or none of it. Retries conflicts and throttling with jitter; only a failed condition
 * becomes a domain error: the `otherwise` of the first write whose condition failed, given the item
 * that was found.
 */
export async function transact(tables: Tables, writes: readonly ConditionalWrite[]): Promise<void> {
  const TransactItems = writes.map(({ write }) => withOldItem(write));
  for (let attempt = 1; ; attempt++) {
    try {
      await tables.client.send(new TransactWriteCommand({ TransactItems }));
      return;
    } catch (cause) {
      const reasons =
        cause instanceof TransactionCanceledException ? (cause.CancellationReasons ?? []) : [];
      const failed = reasons.findIndex(({ Code }) => Code === "ConditionalCheckFailed");
      if (failed >= 0) throw conditionError(writes[failed], reasons[failed]?.Item, cause);

      const again = isThrottled(cause) || reasons.some(({ Code = "" }) => TRANSIENT.has(Code));
      if (attempt >= ATTEMPTS || !again) throw cause;
      await backOff(attempt);
    }
  }
}

/** Somebody else was quicker: the `otherwise` of writes that may come too late. */
class Overtaken extends Error {}

export const overtaken = () => new Overtaken();

/** `transact`; false, and nothing is written, when one of them was `overtaken`. */
export async function transactUnlessOvertaken(
  tables: Tables,
  writes: readonly ConditionalWrite[],
): Promise<boolean> {
  try {
    await transact(tables, writes);
    return true;
  } catch (error) {
    if (error instanceof Overtaken) return false;
    throw error;
  }
}

type Request = ConditionalWrite["write"];

function withOldItem(write: Request): Request {
  const kind = Object.keys(write)[0] as keyof Request;
  return { [kind]: { ReturnValuesOnConditionCheckFailure: "ALL_OLD", ...write[kind] } } as Request;
}

function conditionError(write: ConditionalWrite | undefined, item: unknown, cause: unknown): Error {
  return (
    write?.otherwise?.(foundItem(item)) ??
    new DomainError(
      "CONFLICT",
      "The item changed meanwhile. Read it again and retry.",
      {},
      { cause },
    )
  );
}
