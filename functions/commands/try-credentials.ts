import type { Probe } from "../../schemas/collection.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Deps } from "../runtime/deps.ts";
import { askProbe, type ProbeDeps } from "./ask-probe.ts";
import { giveUpCredentials, type KeptCredentials } from "./endpoint-changes.ts";

/**
 * Asks the source whether it takes the credentials, before anything points at them: `draft` is the
 * endpoint as it would be, with the address that they are for. False when it cannot be asked now,
 * or in time, which refuses nothing. Throws `AUTH_ERROR` when it refuses them: then they are gone.
 */
export async function tryCredentials(
  deps: ProbeDeps & Pick<Deps, "credentials">,
  draft: Endpoint,
  offered: KeptCredentials,
  now: Date,
  stays = "The endpoint keeps what it had.",
): Promise<boolean> {
  const { tenantId, endpointId } = draft;
  const question = { tenantId, kind: "TEST_ENDPOINT", subject: endpointId, limit: null } as const;
  const { status, error } = await askUnlessBusy(deps, question, now, { ...draft, ...offered });
  if (error?.code !== "AUTH_ERROR") return status === "COMPLETE";
  await giveUpCredentials(deps, { tenantId, ownerId: endpointId }, offered, now);
  throw new DomainError("AUTH_ERROR", `${stays} ${error.message}`);
}

/**
 * A tenant that has too many probes at work is not kept from storing what it has: they are tried
 * with the next test.
 */
async function askUnlessBusy(
  ...asked: Parameters<typeof askProbe>
): Promise<Pick<Probe, "status" | "error">> {
  try {
    return await askProbe(...asked);
  } catch (error) {
    if (error instanceof DomainError && error.code === "RATE_LIMITED")
      return { status: "QUEUED", error: null };
    throw error;
  }
}
