/**
 * Checks sizes before anything is written: an item that cannot be stored is an `ITEM_TOO_LARGE`.
 * DynamoDB's own refusal of an update whose item has grown too large becomes the same error.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../../../schemas/errors.ts";
import { itemBytes, LARGEST_ITEM_BYTES } from "./item-size.ts";

type Values = Record<string, AttributeValue>;

/** A write as the client sends it, alone or in a transaction. */
interface Write {
  readonly Item?: Values;
  readonly Key?: Values;
  readonly ExpressionAttributeValues?: Values;
}

export function guardSizes(client: DynamoDBDocumentClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      for (const write of writesOf(args.input)) refuseLarge(write);
      try {
        return await next(args);
      } catch (error) {
        throw isTooLarge(error) ? tooLarge(undefined, error) : error;
      }
    },
    { step: "build", name: "guardSizes" },
  );
}

function writesOf(input: object): Write[] {
  const { TransactItems } = input as { TransactItems?: Record<string, Write>[] };
  return TransactItems ? TransactItems.flatMap((item) => Object.values(item)) : [input as Write];
}

/** Of an update at least what it sets is known. */
function refuseLarge({ Item, Key, ExpressionAttributeValues }: Write): void {
  const bytes = Item ? itemBytes(Item) : itemBytes({ ...ExpressionAttributeValues });
  if (bytes > LARGEST_ITEM_BYTES) throw tooLarge((Item ?? Key)?.sk?.S?.split("#")[0]);
}

/**
 * A refused item is a `ValidationException`, or the reason why a transaction was cancelled; only
 * the words tell which.
 */
function isTooLarge(error: unknown): boolean {
  const { message = "", CancellationReasons = [] } = error as {
    message?: string;
    CancellationReasons?: { Message?: string }[];
  };
  const said = [message, ...CancellationReasons.map(({ Message = "" }) => Message)];
  return said.some((text) => /item size/i.test(text) && /exceeded/i.test(text));
}

function tooLarge(kind: string | undefined, cause?: unknown): DomainError {
  const what = kind ? `The ${kind.toLowerCase()} is` : "It is";
  const remedy = "Make it smaller. If a source's data made it so large, report it with the id.";
  return new DomainError(
    "ITEM_TOO_LARGE",
    `${what} larger than the 400 kB of an item. ${remedy}`,
    {},
    { cause },
  );
}
