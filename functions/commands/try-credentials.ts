import type { OfferedCredentials } from "../../adapters/dynamodb/probe-store.ts";
import { relabelCredentials } from "../../adapters/secrets/credential-store.ts";
import { withAcceptedCredentials } from "../../core/accepted-credentials.ts";
import type { Probe } from "../../schemas/collection.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Deps } from "../runtime/deps.ts";
import { askProbe, type ProbeDeps } from "./ask-probe.ts";

/**
 * Asks the source whether it takes the credentials, before the endpoint points at them; answers the endpoint that does.
 * A source that cannot be asked now, or in time, refuses nothing. Throws `AUTH_ERROR` when it refuses them.
 */
export async function tryCredentials(
  deps: ProbeDeps & Pick<Deps, "credentials">,
  endpoint: Endpoint,
  offered: OfferedCredentials & { readonly credentialVersion: string },
  now: Date,
): Promise<Endpoint> {
  const { tenantId, endpointId } = endpoint;
  const question = { tenantId, kind: "TEST_ENDPOINT", subject: endpointId, limit: null } as const;
  const { status, error } = await askUnlessBusy(deps, question, now, offered);
  if (error?.code === "AUTH_ERROR") {
    const { credentialVersion: counts } = endpoint;
    const versions = counts !== null && { counts, refused: offered.credentialVersion };
    if (versions) await relabelCredentials(deps.credentials, { tenantId, ownerId: endpointId }, versions);
    throw new DomainError("AUTH_ERROR", `The endpoint keeps what it had. ${error.message}`);
  }
  const next = { ...endpoint, ...offered };
  return status === "COMPLETE" ? withAcceptedCredentials(next) : next;
}

/** A tenant that has too many probes at work is not kept from storing what it has: they are tried with the next test. */
async function askUnlessBusy(...asked: Parameters<typeof askProbe>): Promise<Pick<Probe, "status" | "error">> {
  try {
    return await askProbe(...asked);
  } catch (error) {
    if (error instanceof DomainError && error.code === "RATE_LIMITED") return { status: "QUEUED", error: null };
    throw error;
  }
}
