import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { TenantQuotas } from "../../schemas/tenant.ts";

/** What activities reach out to. */
export interface Deps {
  readonly tables: Tables;
  /** Part of the names of secrets. */
  readonly environment: string;
  /** Of tenants that nobody registered. */
  readonly defaultQuotas: TenantQuotas;
  /** Whether Temporal knows the workflow as open; unknown is closed. */
  readonly isWorkflowOpen: (workflowId: string) => Promise<boolean>;
  /** Bytes of an object of the staging bucket. */
  readonly readStaged: (key: string) => Promise<Uint8Array>;
  readonly now: () => Date;
}
