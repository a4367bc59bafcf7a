import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";

type Write = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** One write of a transaction, with the error to raise when its condition does not hold. */
export interface ConditionalWrite {
  readonly write: Write;
  readonly otherwise?: (found: Record<string, unknown> | undefined) => Error;
}

const ATTEMPTS = 8;
const TRANSIENT = new Set([
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
]);
const THROWN_TRANSIENT = new Set([
  "TransactionInProgressException",
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
]);

/**
 * All of it or none of it. Retries conflicts and throttling with jitter; only a failed condition
 * becomes a domain error: the `otherwise` of the first write whose condition failed, given the item
 * that was found.
 */
export async function transact(tables: Tables, writes: readonly ConditionalWrite[]): Promise<void> {
  const TransactItems = writes.map((w) => withOldItem(w.write));
  for (let attempt = 1; ; attempt++) {
    try {
      await tables.client.send(new TransactWriteCommand({ TransactItems }));
      return;
    } catch (cause) {
      const reasons =
        cause instanceof TransactionCanceledException ? (cause.CancellationReasons ?? []) : [];
      const failed = reasons.findIndex((r) => r.Code === "ConditionalCheckFailed");
      if (failed >= 0) throw conditionError(writes[failed], reasons[failed]?.Item, cause);
      if (attempt >= ATTEMPTS || !isTransient(cause, reasons)) throw cause;
      await new Promise((wake) => setTimeout(wake, Math.random() * 25 * 2 ** attempt));
    }
  }
}

function withOldItem(write: Write): Write {
  const kind = Object.keys(write)[0] as keyof Write;
  return { [kind]: { ReturnValuesOnConditionCheckFailure: "ALL_OLD", ...write[kind] } } as Write;
}

function isTransient(cause: unknown, reasons: readonly { Code?: string | undefined }[]): boolean {
  if (cause instanceof Error && THROWN_TRANSIENT.has(cause.name)) return true;
  return reasons.some((r) => TRANSIENT.has(r.Code ?? ""));
}

function conditionError(write: ConditionalWrite | undefined, item: unknown, cause: unknown): Error {
  // The document client does not unmarshall what an exception carries.
  const found = item ? unmarshall(item as Parameters<typeof unmarshall>[0]) : undefined;
  return (
    write?.otherwise?.(found) ??
    new DomainError(
      "CONFLICT",
      "The item changed meanwhile. Read it again and retry.",
      {},
      { cause },
    )
  );
}
