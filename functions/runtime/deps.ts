/**
 * What handlers work with, built on the first call. Each area asks for its own: a bundle holds no
 * client it does not use.
 */
import { openTables, type Tables } from "../../adapters/dynamodb/client.ts";
import type { ObjectReader } from "../../adapters/s3/object-reader.ts";
import type { Signer } from "../../adapters/s3/signed-url.ts";
import type { CredentialStore } from "../../adapters/secrets/credential-store.ts";
import type { Surroundings } from "../../core/sink-places.ts";
import type { Platform } from "../../core/sink-trust.ts";
import type { RateLimit } from "../../schemas/rate-limit.ts";
import type { TenantQuotas } from "../../schemas/tenant.ts";
import { readEnv } from "./env.ts";
import type { Cursors } from "./page-cursor.ts";

export interface Deps {
  readonly tables: Tables;
  readonly credentials: CredentialStore;
  readonly cursors: Cursors;
  readonly staging: ObjectReader;
  readonly lake: ObjectReader;
  readonly minimumIntervalMinutes: number;
  /** Whether configs may name addresses in private networks: on one machine only. */
  readonly allowPrivateNetworks: boolean;
  /** Limits of a vendor that neither connector nor endpoint sets. */
  readonly rateLimit: RateLimit;
  /** Quotas of tenants that nobody registered. */
  readonly defaultQuotas: TenantQuotas;
  /** What configs of sinks are checked against. */
  readonly surroundings: Surroundings;
  /** The principal that a role of the tenant's own trusts. */
  readonly platform: Platform;
  /** How long a handler waits for a probe: within the gateway's 29 s (docs/design/planes.md). */
  readonly probePatienceMs: number;
}

export const PROBE_PATIENCE_MS = 20_000;

/** Dependencies of every authenticated area: the tables, and the default quotas. */
export function tenantDeps(): Pick<Deps, "tables" | "defaultQuotas"> {
  return { tables: tablesFromEnv(), ...readEnv("defaultQuotas") };
}

function tablesFromEnv(): Tables {
  const { controlTable, eventsTable, hotTable } = readEnv(
    "controlTable",
    "eventsTable",
    "hotTable",
  );
  return openTables({ control: controlTable, events: eventsTable, hot: hotTable });
}

export function bucketReader(bucket: string, tables: Tables): ObjectReader {
  return {
    bucket,
    signer: signerOf(tables),
    endpoint: process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL,
  };
}

/** Signs requests with the credentials and region that the tables' client found. */
export function signerOf({ client }: Pick<Tables, "client">): () => Promise<Signer> {
  return async () => ({
    ...(await client.config.credentials()),
    region: await client.config.region(),
  });
}
