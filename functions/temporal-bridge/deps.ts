import { openTables, type Tables } from "../../adapters/dynamodb/client.ts";
import { type CredentialStore, openRemoval } from "../../adapters/secrets/credential-store.ts";
import { openTemporal, type Temporal } from "../../adapters/temporal/client.ts";
import { createCodec } from "../../adapters/temporal/codec.ts";
import { readTemporalSettings } from "../../adapters/temporal/connection.ts";
import { readKeyRing } from "../../adapters/temporal/key-ring.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";

export interface BridgeDeps {
  readonly tables: Tables;
  readonly temporal: Temporal;
  readonly now: () => Date;
  /** Removes what no owner points at. The bridge may not read credentials. */
  readonly credentials: Pick<CredentialStore, "secrets" | "environment">;
}

/** Budgets and idempotency are none of the bridge's business: its role may not touch that table. */
const NOT_OURS = "-";

/**
 * What the bridge sends is small and what it reads back is its own: it needs the payload keys, but
 * no claim store.
 */
export const bridgeDeps = once(async (): Promise<BridgeDeps> => {
  const env = readEnv("environment", "controlTable", "eventsTable", "temporalSecret", "payloadKey");
  const [settings, ring] = await Promise.all([
    readTemporalSettings(env.temporalSecret),
    readKeyRing(env.payloadKey),
  ]);
  const tables = openTables({ control: env.controlTable, events: env.eventsTable, hot: NOT_OURS });
  const credentials = openRemoval(env.environment);

  return {
    tables,
    credentials,
    temporal: openTemporal(settings, createCodec(ring)),
    now: () => new Date(),
  };
});
