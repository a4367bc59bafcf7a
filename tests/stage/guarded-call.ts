/** One call through breaker, budget and sender, as the executor makes it of them. */
import { admit, report } from "../../adapters/dynamodb/breakers.ts";
import { noteAnswer, spendOne } from "../../adapters/dynamodb/budgets/spend.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { type BreakerRules, healthOfFailure, healthOfStatus } from "../../core/breaker.ts";
import type { VendorLimits } from "../../core/budget/limits.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";
import { VendorError } from "../../integrations/vendor-http/vendor-error.ts";

export interface GuardedCall {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly url: string;
  readonly rules: BreakerRules;
  readonly limits: VendorLimits;
  readonly timeoutMs: number;
}

/** The status of the answer, or why there is none. */
export async function guardedCall(
  tables: Tables,
  { tenantId, endpointId, url, rules, limits, timeoutMs }: GuardedCall,
): Promise<number | string> {
  const place = { tenantId, endpointId, host: new URL(url).host };
  const owner = { tenantId, endpointId, connector: "http" };
  const now = () => new Date();

  const admission = await admit(tables, place, rules, now());
  if (admission.kind === "OPEN") return "OPEN";
  const spent = await spendOne(tables, owner, limits, { people: true, now });
  if (!spent.allowed) {
    await report(tables, place, rules, admission, "NEITHER", { now: now(), chance: 0 });
    return "RATE_LIMIT_EXCEEDED";
  }

  const tell = (health: ReturnType<typeof healthOfStatus>) =>
    report(tables, place, rules, admission, health, { now: now(), chance: Math.random() });
  try {
    const answer = await sendToVendor(
      { method: "GET", url, headers: {} },
      { rules: { allowPrivateNetworks: true }, timeoutMs, maxBytes: 1_000_000 },
    );
    await tell(healthOfStatus(answer.status));
    await noteAnswer(tables, owner, limits, answer, now());
    return answer.status;
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    await tell(healthOfFailure(error.kind));
    return error.kind;
  }
}
