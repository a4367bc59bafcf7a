import { Client, Connection } from "@temporalio/client";
import type { PayloadCodec } from "@temporalio/common";
import type { TemporalSettings } from "./connection.ts";

export type Temporal = Client;

/**
 * A client of its own connection; connects on the first call, so that a cold start does not wait
 * for it.
 */
export function openTemporal(settings: TemporalSettings, codec: PayloadCodec): Temporal {
  const connection = Connection.lazy({ ...settings.connection, connectTimeout: "5 seconds" });
  return new Client({
    connection,
    namespace: settings.namespace,
    dataConverter: { payloadCodecs: [codec] },
  });
}
