import type { SinkTrust } from "../schemas/sink.ts";

/** This platform, as it is known to AWS. */
export interface Platform {
  readonly environment: string;
  readonly account: string;
}

/**
 * What a role of the tenant's must trust. The external id is made of the tenant of the verified
 * token, never of what somebody sent, so that no tenant has a role assumed that trusts another. The
 * data plane makes the same: `sink_access.py`.
 */
export function sinkTrust({ environment, account }: Platform, tenantId: string): SinkTrust {
  return {
    principal: `arn:aws:iam::${account}:root`,
    externalId: `inlet/${environment}/${tenantId}`,
  };
}
