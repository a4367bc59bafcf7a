/**
 * Writes as values: `transact` does several together, `write` one alone. The error of `otherwise`
 * is raised when the condition does not hold.
 */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  PutCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Item, Tables } from "../client.ts";
import type { Key } from "../keys.ts";
import { type Change, changes } from "./change.ts";
import type { Condition } from "./condition.ts";
import { Terms } from "./expression.ts";

type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** Given the item that was found instead. */
export type Otherwise = (found: Item | undefined) => Error;

/** One write, with the error to raise when its condition does not hold. */
export interface ConditionalWrite {
  readonly write: TransactItem;
  readonly otherwise?: Otherwise | undefined;
}

/** Stores the item, and replaces one that has its key. */
export function put(
  table: string,
  item: Item,
  when?: Condition,
  otherwise?: Otherwise,
): ConditionalWrite {
  return { write: { Put: { TableName: table, Item: item, ...guard(when) } }, otherwise };
}

/** Gives some attributes of an item new values; undefined ones are left out. */
export const set = (
  table: string,
  key: Key,
  values: Readonly<Record<string, unknown>>,
  when?: Condition,
  otherwise?: Otherwise,
): ConditionalWrite => update(table, key, { set: values }, when, otherwise);

/** Changes some attributes of an item. Without a condition it makes the item if there is none. */
export function update(
  table: string,
  key: Key,
  change: Change,
  when?: Condition,
  otherwise?: Otherwise,
): ConditionalWrite {
  const terms = new Terms();
  const Update = {
    TableName: table,
    Key: { pk: key.pk, sk: key.sk },
    UpdateExpression: changes(change)(terms),
    ...guard(when, terms),
  };

  return { write: { Update }, otherwise };
}

/** Removes an item; one that is not there is no error, unless a condition says so. */
export function remove(
  table: string,
  key: Key,
  when?: Condition,
  otherwise?: Otherwise,
): ConditionalWrite {
  const Delete = { TableName: table, Key: { pk: key.pk, sk: key.sk }, ...guard(when) };
  return { write: { Delete }, otherwise };
}

/** Writes nothing: the condition must hold for the others of its transaction. */
export function check(
  table: string,
  key: Key,
  when: Condition,
  otherwise?: Otherwise,
): ConditionalWrite {
  const terms = new Terms();
  const ConditionCheck = {
    TableName: table,
    Key: { pk: key.pk, sk: key.sk },
    ConditionExpression: when(terms),
    ...terms.attributes,
  };

  return { write: { ConditionCheck }, otherwise };
}

function guard(when: Condition | undefined, terms = new Terms()) {
  const ConditionExpression = when?.(terms);
  return { ...(ConditionExpression !== undefined && { ConditionExpression }), ...terms.attributes };
}

/** One write alone. Throws its `otherwise`; without one, what DynamoDB says. */
export async function write(
  tables: Tables,
  { write: request, otherwise }: ConditionalWrite,
): Promise<void> {
  try {
    await sendAlone(tables, request);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || !otherwise) throw error;
    throw otherwise(foundItem(error.Item));
  }
}

/** One write alone; false, and nothing is written, when its condition does not hold. */
export async function writeIf(tables: Tables, one: ConditionalWrite): Promise<boolean> {
  try {
    await write(tables, { ...one, otherwise: () => new NotHeld() });
    return true;
  } catch (error) {
    if (error instanceof NotHeld) return false;
    throw error;
  }
}

class NotHeld extends Error {}

const OLD_ITEM = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

async function sendAlone({ client }: Tables, { Put, Update, Delete }: TransactItem): Promise<void> {
  if (Put) await client.send(new PutCommand({ ...Put, ...OLD_ITEM }));
  else if (Update) await client.send(new UpdateCommand({ ...Update, ...OLD_ITEM }));
  else if (Delete) await client.send(new DeleteCommand({ ...Delete, ...OLD_ITEM }));
  else throw new Error("A check alone writes nothing. Put it into a transaction.");
}

/** The document client does not unmarshall what an exception carries. */
export const foundItem = (item: unknown): Item | undefined =>
  item ? unmarshall(item as Parameters<typeof unmarshall>[0]) : undefined;
