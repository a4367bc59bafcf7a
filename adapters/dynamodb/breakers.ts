/**
 * The circuit breaker of one host of a tenant's endpoint, shared by all processes (ADR 0057). While
 * the vendor is well, a call costs one read and no write.
 */
import { randomBytes } from "node:crypto";
import {
  afterCall,
  type BreakerRules,
  BreakerState,
  breakerView,
  type VendorHealth,
  withProbe,
} from "../../core/breaker.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";
import { changeShared, readShared, type SharedValue } from "./table/change-shared.ts";

export interface BreakerOwner {
  readonly tenantId: string;
  readonly endpointId: string;
  /** With its port, as a URL's `host`. */
  readonly host: string;
}

export type Admission =
  /** `troubled`: there were failures lately, so its success counts, too. */
  | { readonly kind: "CLOSED"; readonly troubled: boolean }
  /** The one call that tells whether the vendor is back: it must be reported. */
  | { readonly kind: "PROBE"; readonly probeId: string }
  | { readonly kind: "OPEN"; readonly retryAfterSeconds: number };

/** Longer than any breaker is open, or a window lasts. */
const KEPT_MS = 86_400_000;

const stateOf = ({ tenantId, endpointId, host }: BreakerOwner): SharedValue<BreakerState> => ({
  key: keys.breaker(tenantId, endpointId, host),
  attribute: "state",
  entity: "breaker",
  parse: (stored) => BreakerState.parse(stored),
  keptUntil: ({ openUntil, window, probe }) =>
    Math.max(openUntil, window.start, probe?.until ?? 0) + KEPT_MS,
});

/** Whether a call may be made now. Of all that ask while it is half open, one gets the probe. */
export async function admit(
  tables: Tables,
  owner: BreakerOwner,
  rules: BreakerRules,
  now: Date,
): Promise<Admission> {
  const shared = stateOf(owner);
  const nowMs = now.getTime();
  const seen = await readShared(tables, shared);
  const view = breakerView(seen.value, rules, nowMs);
  if (view.kind === "CLOSED") return view;
  if (view.kind === "OPEN") return refused(view.waitMs);

  const probeId = randomBytes(8).toString("hex");
  const { answer } = await changeShared(tables, shared, seen, (state): Taken => {
    const still = breakerView(state, rules, nowMs);
    if (still.kind === "CLOSED") return { keep: undefined, answer: still };
    if (still.kind === "OPEN" || !state)
      return { keep: undefined, answer: refused(still.kind === "OPEN" ? still.waitMs : 0) };
    return { keep: withProbe(state, probeId, rules, nowMs), answer: { kind: "PROBE", probeId } };
  });
  return answer;
}

interface Taken {
  readonly keep: BreakerState | undefined;
  readonly answer: Admission;
}

const refused = (waitMs: number): Admission => ({
  kind: "OPEN",
  retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
});

/**
 * What an admitted call told of the vendor. Writes nothing for a success of a vendor that is well.
 * `chance` is a random number in [0, 1). Answers whether the breaker is open now.
 */
export async function report(
  tables: Tables,
  owner: BreakerOwner,
  rules: BreakerRules,
  admission: Admission,
  health: VendorHealth,
  { now, chance }: { readonly now: Date; readonly chance: number },
): Promise<boolean> {
  if (admission.kind === "OPEN") return true;
  const probeId = admission.kind === "PROBE" ? admission.probeId : undefined;
  const isNews = health === "FAILURE" || probeId !== undefined;
  if (!isNews && (health === "NEITHER" || (admission.kind === "CLOSED" && !admission.troubled)))
    return false;

  const time = { now: now.getTime(), chance };
  const { seen } = await changeShared(tables, stateOf(owner), undefined, (state) => ({
    keep: afterCall(state, { probeId, health }, rules, time),
    answer: undefined,
  }));
  return (seen.value?.opened ?? 0) > 0;
}
