import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { CredentialStore } from "../../adapters/secrets/credential-store.ts";
import type { AssumeRole } from "../../adapters/sts/assume-role.ts";
import type { EgressRules } from "../../core/egress-guard.ts";
import type { IntegrationPlugin } from "../plugin.ts";
import type { SendToVendor } from "../vendor-http/send.ts";
import type { OwnerEndpoint } from "./owner.ts";

/** What obtaining reaches out to. */
export interface VendorDeps {
  readonly send: SendToVendor;
  readonly rules: EgressRules;
  /** Of the endpoint's connector, which may be the tenant's own. */
  readonly pluginFor: (of: OwnerEndpoint) => Promise<IntegrationPlugin | undefined>;
  readonly assumeRole: AssumeRole;
  /** Part of the external id that tenants' roles trust. */
  readonly environment: string;
  readonly now: () => Date;
}

export interface BrokerDeps extends VendorDeps {
  readonly tables: Tables;
  readonly credentials: CredentialStore;
  readonly grantKey: Uint8Array;
}
