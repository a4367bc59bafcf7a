/** A renewal that brought nothing: written down, and told to whoever asked. */
import {
  endRenewal,
  type Renewing,
  recordRefusal,
} from "../../adapters/secrets/renewed-credentials.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { BrokerDeps } from "./deps.ts";
import type { Seen } from "./look.ts";
import { passingRefusal, refusalText } from "./refusals.ts";
import { TokenRefused } from "./token-refused.ts";

const PAUSE_MS = 60_000;

/**
 * Throws what the caller is told. `MOVED` when other credentials count by now, or another holder
 * does: then nothing of this refusal counts.
 */
export async function refuse(
  deps: BrokerDeps,
  seen: Seen,
  begun: Renewing,
  error: unknown,
): Promise<"MOVED"> {
  if (!(error instanceof TokenRefused)) {
    // A fault of ours: what the vendor did is not known.
    await endRenewal(deps, begun, { unclear: true });
    throw error;
  }

  const { fault } = error;
  if (fault === "GRANT" || fault === "CLIENT") {
    const { owner, renewal, stored } = seen;
    const interrupted = renewal.intent?.versionId === owner.versionId;
    const message = refusalText(fault, interrupted);
    const refusal = { authType: stored.authType, message };
    if (!(await recordRefusal(deps, begun, refusal, deps.now()))) return "MOVED";
    throw new DomainError("AUTH_ERROR", message);
  }

  const pause = fault === "BUSY" ? { pausedUntil: deps.now().getTime() + PAUSE_MS } : {};
  await endRenewal(deps, begun, { ...pause, unclear: fault === "UNCLEAR" });
  throw passingRefusal(fault);
}
