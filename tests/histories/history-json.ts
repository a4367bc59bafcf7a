/**
 * Histories as files: every field by its name, bytes in base64. Read back they are what Temporal
 * sent.
 */
import proto from "@temporalio/proto";

const { History } = proto.temporal.api.history.v1;
export type History = proto.temporal.api.history.v1.IHistory;

export function toDocument(history: History): unknown {
  return History.toObject(History.fromObject(history), {
    longs: String,
    enums: String,
    bytes: String,
  });
}

export function fromDocument(document: unknown): History {
  return History.fromObject(document as Record<string, unknown>);
}
