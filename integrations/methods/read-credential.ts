import { askBroker, type BrokerOptions } from "../../adapters/lambda/credential-broker.ts";
import { signGrant } from "../credentials/grants.ts";
import type { MethodDeps, ReadCredential } from "./call.ts";

/** A grant is of use for one call, which asks at once. */
const GRANTED_SECONDS = 60;

/** Reads through the broker, with a grant for the endpoint's own credential and no other. */
export function credentialReader({
  grantKey,
  broker,
  now,
}: Pick<MethodDeps, "now"> & {
  readonly grantKey: Uint8Array;
  readonly broker: BrokerOptions;
}): ReadCredential {
  return async ({ tenantId, ownerId, callId }, versionSeen) => {
    const exp = Math.floor(now().getTime() / 1000) + GRANTED_SECONDS;
    const claims = { tenantId, ownerId, purpose: "call", subject: callId, exp } as const;
    return askBroker(broker, { grant: await signGrant(grantKey, claims), versionSeen });
  };
}
