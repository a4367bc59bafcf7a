import { withAcceptedCredentials, withChosenSite } from "../../core/connection.ts";
import {
  choosesSite,
  samePlaces,
  withGivenCredentials,
  withoutCredentials,
} from "../../core/credential-places.ts";
import { isClientAlone } from "../../core/oauth-client.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { Credentials, Endpoint } from "../../schemas/endpoint.ts";
import type { Deps } from "../runtime/deps.ts";
import type { ProbeDeps } from "./ask-probe.ts";
import { giveUpCredentials, type KeptCredentials, keepCredentials } from "./endpoint-changes.ts";
import { tryCredentials } from "./try-credentials.ts";

type Needs = ProbeDeps & Pick<Deps, "credentials">;

/** Credentials that came with a request: stored, tried, and pointed at by nothing yet. */
export interface Offer {
  readonly ownerId: string;
  readonly kept: KeptCredentials;
  /** Whether the source took them; false when it could not be asked. */
  readonly accepted: boolean;
}

/**
 * Stores credentials and has the source of `draft` try them, unless that was done (`accepted`), or
 * they are a client that has no tokens yet.
 * Throws `CONFIG_INVALID`, or `AUTH_ERROR` when the source refuses them: then nothing is stored.
 */
export async function offerCredentials(
  deps: Needs,
  connector: Connector,
  draft: Endpoint,
  credentials: Credentials,
  {
    now,
    stays,
    accepted,
  }: { readonly now: Date; readonly stays?: string; readonly accepted?: boolean | undefined },
): Promise<Offer> {
  const { tenantId, endpointId: ownerId } = draft;
  const kept = await keepCredentials(deps, connector, { tenantId, ownerId }, credentials, now);

  if (isClientAlone(credentials)) return { ownerId, kept, accepted: false };
  return {
    ownerId,
    kept,
    accepted: accepted ?? (await tryCredentials(deps, draft, kept, now, stays)),
  };
}

/** Does what makes the endpoint point at the offer; when that fails, the offer is given up. */
export async function taking<T>(
  deps: Needs,
  tenantId: string,
  offer: Offer | undefined,
  now: Date,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (offer) await giveUpCredentials(deps, { tenantId, ownerId: offer.ownerId }, offer.kept, now);
    throw error;
  }
}

export interface Change {
  readonly seen: Endpoint;
  /** As it would be, were it not for its credentials. */
  readonly draft: Endpoint;
  readonly from: Connector;
  readonly to: Connector;
}

/**
 * The endpoint with the credentials that it has after a change, and what the audit calls that:
 * those that came with it, or those that it had, unless they would be sent to another address.
 */
export function settleCredentials(
  { seen, draft, from, to }: Change,
  now: Date,
  offer?: Pick<Offer, "kept" | "accepted">,
): { endpoint: Endpoint; action: "endpoint.update" | "endpoint.credentials.dropped" } {
  if (offer) return { endpoint: withOffer(draft, offer, now), action: "endpoint.update" };

  if (choosesSite(to, seen, draft.config))
    return { endpoint: withChosenSite(draft, now), action: "endpoint.update" };

  const keeps = seen.credentialVersion === null || samePlaces(from, seen.config, to, draft.config);
  if (keeps) return { endpoint: draft, action: "endpoint.update" };
  return { endpoint: withoutCredentials(draft), action: "endpoint.credentials.dropped" };
}

/** The endpoint with the credentials that came with it. */
export function withOffer(
  draft: Endpoint,
  { kept, accepted }: Pick<Offer, "kept" | "accepted">,
  now: Date,
): Endpoint {
  const given = withGivenCredentials(draft, kept);
  return accepted ? withAcceptedCredentials(given, now) : given;
}
