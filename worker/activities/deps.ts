import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { ObjectStore } from "../../adapters/s3/object-removal.ts";
import type { Temporal } from "../../adapters/temporal/client.ts";
import type { RunCallDeps } from "../../integrations/methods/run-call.ts";
import type { BrokeredCredential, BrokerRequest } from "../../schemas/credential-grant.ts";
import type { TenantQuotas } from "../../schemas/tenant.ts";

/** What activities reach out to. */
export interface Deps {
  readonly tables: Tables;
  /** Part of the names of secrets. */
  readonly environment: string;
  /** Signs grants to read credentials. This service may read none itself. */
  readonly grantKey: Uint8Array;
  /** Quotas of tenants that nobody registered. */
  readonly defaultQuotas: TenantQuotas;
  /** Whether Temporal knows the workflow as open; unknown is closed. */
  readonly isWorkflowOpen: (workflowId: string) => Promise<boolean>;
  /**
   * Bytes of an object of the staging bucket. Throws `STAGING_CORRUPT` for one that is larger than
   * `mostBytes`.
   */
  readonly readStaged: (key: string, mostBytes?: number) => Promise<Uint8Array>;
  readonly now: () => Date;
}

/** What a deletion needs beside. */
export interface DeletionDeps extends Deps {
  /** The staging bucket, to remove from. */
  readonly staging: ObjectStore;
  /** Removes credentials. This service may not read them. */
  readonly secrets: SecretsManagerClient;
  /** To stop what works on something that is being deleted. */
  readonly temporal: Temporal;
  /** Whether configs may name addresses in private networks: on one machine only. */
  readonly allowPrivateNetworks: boolean;
}

export interface WorkerDeps extends DeletionDeps {
  /** What calls of methods are executed with. */
  readonly calls: RunCallDeps;
  /** Throws what the broker refuses. */
  readonly askBroker: (request: BrokerRequest) => Promise<BrokeredCredential>;
}

/** What asking a vendor whether it takes a credential needs. */
export type VendorDeps = Pick<WorkerDeps, "tables" | "calls" | "askBroker" | "now">;
