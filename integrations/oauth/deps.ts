import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { CredentialStore } from "../../adapters/secrets/credential-store.ts";
import type { EgressRules } from "../../core/egress-guard.ts";
import type { pluginOf } from "../registry.ts";
import type { SendToVendor } from "../vendor-http/send.ts";

/** What an authorization reaches: our tables and secrets, and the vendor. */
export interface OAuthDeps {
  readonly tables: Tables;
  readonly credentials: CredentialStore;
  readonly send: SendToVendor;
  readonly rules: EgressRules;
  readonly pluginOf: typeof pluginOf;
  /** Where a vendor may send a browser: our callback, and what the operators registered. */
  readonly redirects: { readonly own: string; readonly registered: readonly string[] };
}
