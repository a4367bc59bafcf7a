/** What an item weighs by DynamoDB's own counting. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** DynamoDB refuses larger ones. */
export const LARGEST_ITEM_BYTES = 400 * 1024;

const LIST_BYTES = 3;

export function itemBytes(item: Readonly<Record<string, AttributeValue>>): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + utf8(name) + valueBytes(value),
    0,
  );
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return utf8(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.M !== undefined) return LIST_BYTES + Object.keys(value.M).length + itemBytes(value.M);
  if (value.L !== undefined)
    return value.L.reduce((sum, one) => sum + 1 + valueBytes(one), LIST_BYTES);
  if (value.SS !== undefined) return value.SS.reduce((sum, one) => sum + utf8(one), LIST_BYTES);
  if (value.NS !== undefined)
    return value.NS.reduce((sum, one) => sum + numberBytes(one), LIST_BYTES);
  return 1;
}

/** About: a byte for two digits, and one or two more. */
const numberBytes = (digits: string) => Math.ceil(digits.replaceAll(/[-.]/g, "").length / 2) + 2;
const utf8 = (text: string) => Buffer.byteLength(text);
