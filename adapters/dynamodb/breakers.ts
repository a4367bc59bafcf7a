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
import { type Key, keys } from "./keys.ts";
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

/** How long it is remembered that a probe is under way. */
const MEMORY_MS = 250;
const MOST_REMEMBERED = 1_000;
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

/**
 * Whether a call may be made now. Of all that ask while it is half open, one gets the probe. What
 * is open stays so until its time is over, which a process remembers: there a call costs nothing.
 */
export async function admit(
  tables: Tables,
  owner: BreakerOwner,
  rules: BreakerRules,
  now: Date,
): Promise<Admission> {
  const nowMs = now.getTime();
  const shared = stateOf(owner);
  const memory = remembered(tables, shared.key);
  if (nowMs < memory.shutUntil) return refused(memory.shutUntil - nowMs);

  // Of all that ask for what was shut, one reads. Refused are all; let through is who read.
  const other = await memory.asking;
  if (other && other.kind !== "CLOSED")
    return refused(other.kind === "OPEN" ? other.untilMs - nowMs : 0);
  const asking = asked(tables, shared, rules, nowMs);
  if (memory.shutUntil > 0) memory.asking = asking.catch(() => undefined);
  try {
    const admission = await asking;
    memory.shutUntil = admission.kind === "OPEN" ? admission.rememberedMs : 0;
    return admission.kind === "OPEN" ? refused(admission.untilMs - nowMs) : admission;
  } finally {
    memory.asking = undefined;
  }
}

async function asked(
  tables: Tables,
  shared: SharedValue<BreakerState>,
  rules: BreakerRules,
  nowMs: number,
): Promise<Asked> {
  const seen = await readShared(tables, shared);
  const view = breakerView(seen.value, rules, nowMs);
  if (view.kind === "CLOSED") return view;
  if (view.kind === "OPEN") return shut(seen.value, nowMs + view.waitMs, nowMs);

  const probeId = randomBytes(8).toString("hex");
  const { answer } = await changeShared(tables, shared, seen, (state): Taken => {
    const still = breakerView(state, rules, nowMs);
    if (still.kind === "CLOSED") return { keep: undefined, answer: still };
    if (still.kind === "OPEN" || !state) {
      const untilMs = nowMs + (still.kind === "OPEN" ? still.waitMs : 0);
      return { keep: undefined, answer: shut(state, untilMs, nowMs) };
    }
    return { keep: withProbe(state, probeId, rules, nowMs), answer: { kind: "PROBE", probeId } };
  });
  return answer;
}

type Asked =
  | Exclude<Admission, { kind: "OPEN" }>
  | { readonly kind: "OPEN"; readonly untilMs: number; readonly rememberedMs: number };

/** Open is open until its time is over; a probe under way may close it sooner. */
function shut(state: BreakerState | undefined, untilMs: number, nowMs: number): Asked {
  const rememberedMs = Math.max(state?.openUntil ?? 0, Math.min(untilMs, nowMs + MEMORY_MS));
  return { kind: "OPEN", untilMs, rememberedMs };
}

interface Taken {
  readonly keep: BreakerState | undefined;
  readonly answer: Asked;
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

interface Memory {
  /** Until when this process knows it to be shut; 0: it does not. Epoch milliseconds. */
  shutUntil: number;
  asking: Promise<Asked | undefined> | undefined;
}
const memories = new WeakMap<Tables, Map<string, Memory>>();

function remembered(tables: Tables, { pk, sk }: Key): Memory {
  const known = memories.get(tables) ?? new Map<string, Memory>();
  memories.set(tables, known);

  const name = `${pk} ${sk}`;
  const memory = known.get(name) ?? { shutUntil: 0, asking: undefined };
  known.delete(name);
  known.set(name, memory);
  if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value ?? "");
  return memory;
}
