import { ttlMaps } from "../../core/ttl-map.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { MethodDeps } from "./call.ts";
import type { Instance } from "./instance.ts";

const NO_CREDENTIAL: BrokeredCredential = {
  authType: "none",
  secret: {},
  version: "none",
  expiresAt: null,
  scopes: null,
};

/** In memory only, and only while the endpoint points at the same version. */
const KNOWN_MS = 30_000;
/** One that is about to expire is asked for again. */
const MARGIN_MS = 10_000;
const knownOf = ttlMaps<BrokeredCredential>({ ttlMs: KNOWN_MS, most: 500 });

/**
 * What the vendor is called with, from the broker. Throws `AUTH_ERROR` where the endpoint has no
 * credential and its connector needs one, and what the broker refuses.
 */
export async function getCredentials(
  deps: MethodDeps,
  { endpoint }: Instance,
  { authTypes }: Connector,
  callId: string,
): Promise<BrokeredCredential> {
  if (endpoint.credentialVersion === null) {
    if (authTypes.length === 0 || authTypes.includes("none")) return NO_CREDENTIAL;
    throw new DomainError(
      "AUTH_ERROR",
      "The endpoint has no credentials. Store them: PUT /endpoints/{endpointId}/credentials.",
    );
  }

  const nowMs = deps.now().getTime();
  const credentials = knownOf(deps.tables);
  const found = credentials.get(keyOf(endpoint), nowMs);
  if (found) return found;

  const { tenantId, endpointId: ownerId } = endpoint;
  const credential = await deps.readCredential({ tenantId, ownerId, callId });
  remember(deps, endpoint, credential);
  return credential;
}

/**
 * Another one, after the vendor refused this; undefined when the broker has no other. Every process
 * forgets the refused one by itself: its own call is refused, too.
 */
export async function renewCredentials(
  deps: MethodDeps,
  { endpoint }: Instance,
  refused: BrokeredCredential,
  callId: string,
): Promise<BrokeredCredential | undefined> {
  if (refused === NO_CREDENTIAL) return undefined;
  knownOf(deps.tables).delete(keyOf(endpoint));
  const { tenantId, endpointId: ownerId } = endpoint;
  const owner = { tenantId, ownerId, callId };
  const credential = await deps.readCredential(owner, refused.version).catch(noneNewer);
  if (!credential || credential.version === refused.version) return undefined;
  remember(deps, endpoint, credential);
  return credential;
}

/** The vendor's own refusal says more. */
function noneNewer(error: unknown): undefined {
  if (!(error instanceof DomainError && error.code === "AUTH_ERROR")) throw error;
}

function remember(
  deps: MethodDeps,
  endpoint: Instance["endpoint"],
  credential: BrokeredCredential,
): void {
  const { expiresAt } = credential;
  const until = expiresAt === null ? undefined : Date.parse(expiresAt) - MARGIN_MS;
  knownOf(deps.tables).set(keyOf(endpoint), credential, deps.now().getTime(), until);
}

const keyOf = ({ tenantId, endpointId, credentialVersion }: Instance["endpoint"]) =>
  [tenantId, endpointId, credentialVersion].join(" ");
