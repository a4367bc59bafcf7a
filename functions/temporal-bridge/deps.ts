import type { Client } from "@temporalio/client";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { openTemporal } from "../../adapters/temporal/client.ts";
import { createCodec } from "../../adapters/temporal/codec.ts";
import { readTemporalSettings } from "../../adapters/temporal/connection.ts";
import { readKeyRing } from "../../adapters/temporal/key-ring.ts";
import { tablesFromEnv } from "../runtime/deps.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";

export interface BridgeDeps {
  readonly tables: Tables;
  readonly temporal: Client;
  readonly now: () => Date;
}

/** What the bridge sends is small and what it reads back is its own: it needs the payload keys, but no claim store. */
export const bridgeDeps = once(async (): Promise<BridgeDeps> => {
  const { temporalSecret, payloadKey } = readEnv("temporalSecret", "payloadKey");
  const [settings, ring] = await Promise.all([readTemporalSettings(temporalSecret), readKeyRing(payloadKey)]);
  return { tables: tablesFromEnv(), temporal: openTemporal(settings, createCodec(ring)), now: () => new Date() };
});
