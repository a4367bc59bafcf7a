import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterCall,
  type BreakerRules,
  BreakerState,
  breakerView,
  healthOfFailure,
  healthOfStatus,
  type VendorHealth,
  withProbe,
} from "./breaker.ts";

const RULES: BreakerRules = {
  failures: 3,
  failureShare: 0.5,
  windowMs: 10_000,
  openMs: 1_000,
  longestOpenMs: 5_000,
  probeMs: 2_000,
};
const START = 1_772_445_600_000;

/** A breaker as several processes use it: what they were told when they asked, and when. */
function breaker(rules: BreakerRules = RULES) {
  let state: BreakerState | undefined;
  let probes = 0;
  return {
    state: () => state,
    view: (now: number) => breakerView(state, rules, now),
    /** Undefined: it may not be made. */
    begin: (now: number): { probeId: string | undefined } | undefined => {
      const view = breakerView(state, rules, now);
      if (view.kind === "CLOSED") return { probeId: undefined };
      if (view.kind === "OPEN" || !state) return undefined;
      probes += 1;
      state = withProbe(state, `probe-${probes}`, rules, now);
      return { probeId: `probe-${probes}` };
    },
    end: (
      { probeId }: { probeId: string | undefined },
      health: VendorHealth,
      now: number,
      chance = 0,
    ) => {
      const next = afterCall(state, { probeId, health }, rules, { now, chance });
      if (next) BreakerState.parse(next);
      state = next ?? state;
      return next;
    },
  };
}
const AS_OTHERS = { probeId: undefined };

function opened(now: number) {
  const one = breaker();
  for (let failure = 0; failure < 3; failure += 1) one.end(AS_OTHERS, "FAILURE", now);
  expect(one.view(now)).toEqual({ kind: "OPEN", waitMs: 1_000 });
  return one;
}

describe("a breaker", () => {
  it("that is closed and healthy changes nothing", () => {
    const one = breaker();
    for (let call = 0; call < 10; call += 1)
      expect(one.end(AS_OTHERS, "SUCCESS", START + call)).toBeUndefined();
    expect(one.view(START)).toEqual({ kind: "CLOSED", troubled: false });
  });

  it("forgets failures with their window", () => {
    const one = breaker();
    one.end(AS_OTHERS, "FAILURE", START);
    one.end(AS_OTHERS, "FAILURE", START);
    expect(one.view(START)).toEqual({ kind: "CLOSED", troubled: true });
    one.end(AS_OTHERS, "FAILURE", START + 10_000);
    expect(one.view(START + 10_000)).toEqual({ kind: "CLOSED", troubled: true });
    expect(one.view(START + 20_000)).toEqual({ kind: "CLOSED", troubled: false });
  });

  it("stays closed while most calls succeed", () => {
    const one = breaker();
    for (let call = 0; call < 50; call += 1) {
      one.end(AS_OTHERS, call % 3 === 0 ? "FAILURE" : "SUCCESS", START + call);
      if (call > 3) expect(one.view(START + call).kind).toBe("CLOSED");
    }
  });

  it("lets one probe through when its time is over, and closes when that succeeds", () => {
    const one = opened(START);
    expect(one.begin(START + 999)).toBeUndefined();
    const probe = one.begin(START + 1_000);
    expect(probe?.probeId).toBeDefined();
    expect(one.begin(START + 1_000)).toBeUndefined();
    expect(one.view(START + 1_500)).toEqual({ kind: "OPEN", waitMs: 1_500 });
    one.end(probe ?? AS_OTHERS, "SUCCESS", START + 1_500);
    expect(one.view(START + 1_500)).toEqual({ kind: "CLOSED", troubled: false });
  });

  it("stays open longer each time that a probe fails, up to its cap", () => {
    const one = opened(START);
    let now = START + 1_000;
    const waits = [2_000, 4_000, 5_000, 5_000].map((expected) => {
      one.end(one.begin(now) ?? AS_OTHERS, "FAILURE", now);
      expect(one.view(now)).toEqual({ kind: "OPEN", waitMs: expected });
      now += expected;
      return expected;
    });
    expect(waits).toHaveLength(4);
  });

  it("comes back at various times", () => {
    const waits = [0, 0.5, 0.999].map((chance) => {
      const one = breaker();
      for (let failure = 0; failure < 3; failure += 1) one.end(AS_OTHERS, "FAILURE", START, chance);
      const view = one.view(START);
      return view.kind === "OPEN" ? view.waitMs : 0;
    });
    expect(waits).toEqual([1_000, 875, 750]);
  });

  it("is not blocked by a prober that died, nor closed by it when it comes back", () => {
    const one = opened(START);
    const dead = one.begin(START + 1_000);
    expect(one.begin(START + 2_999)).toBeUndefined();
    const next = one.begin(START + 3_000);
    expect(next?.probeId).not.toBe(dead?.probeId);
    expect(one.end(dead ?? AS_OTHERS, "SUCCESS", START + 3_100)).toBeUndefined();
    expect(one.view(START + 3_100).kind).toBe("OPEN");
    one.end(next ?? AS_OTHERS, "SUCCESS", START + 3_200);
    expect(one.view(START + 3_200).kind).toBe("CLOSED");
  });

  it("is not closed by what began before it opened", () => {
    const one = opened(START);
    expect(one.end(AS_OTHERS, "SUCCESS", START + 500)).toBeUndefined();
    expect(one.end(AS_OTHERS, "FAILURE", START + 500)).toBeUndefined();
    expect(one.view(START + 500)).toEqual({ kind: "OPEN", waitMs: 500 });
  });

  it("waits as long again after a probe that told nothing", () => {
    const one = opened(START);
    one.end(one.begin(START + 1_000) ?? AS_OTHERS, "NEITHER", START + 1_000);
    expect(one.view(START + 1_000)).toEqual({ kind: "OPEN", waitMs: 1_000 });
  });

  it("counts timeouts, broken connections and 5xx, and nothing that the vendor decided", () => {
    expect([200, 302, 400, 401, 404, 429, 500, 502, 503, 599].map(healthOfStatus)).toEqual([
      ...Array(6).fill("SUCCESS"),
      ...Array(4).fill("FAILURE"),
    ]);
    const kinds = ["UNREACHABLE", "TIMEOUT", "TLS", "TOO_LARGE", "BLOCKED", "CANCELLED"] as const;
    expect(kinds.map(healthOfFailure)).toEqual([
      "FAILURE",
      "FAILURE",
      "FAILURE",
      "SUCCESS",
      "NEITHER",
      "NEITHER",
    ]);
  });
});

describe("whatever processes do, a breaker", () => {
  const rulesOfAnyKind = fc.record({
    failures: fc.integer({ min: 1, max: 6 }),
    failureShare: fc.double({ min: 0, max: 1, noNaN: true }),
    windowMs: fc.integer({ min: 100, max: 20_000 }),
    openMs: fc.integer({ min: 1, max: 5_000 }),
    longestOpenMs: fc.integer({ min: 1, max: 20_000 }),
    probeMs: fc.integer({ min: 1, max: 5_000 }),
  });
  const event = fc.oneof(
    fc.record({ do: fc.constant("time" as const), ms: fc.nat(3_000) }),
    fc.record({ do: fc.constant("begin" as const) }),
    fc.record({
      do: fc.constant("end" as const),
      which: fc.nat(20),
      health: fc.constantFrom<VendorHealth>("SUCCESS", "FAILURE", "FAILURE", "NEITHER"),
      chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
    fc.record({ do: fc.constant("die" as const), which: fc.nat(20) }),
  );

  it("lets nobody through while it is open, and one at a time while it is half open", () => {
    fc.assert(
      fc.property(rulesOfAnyKind, fc.array(event, { maxLength: 80 }), (rules, events) => {
        const one = breaker(rules);
        let now = START;
        let probeUntil = 0;
        const under: { probeId: string | undefined }[] = [];

        for (const step of events) {
          const before = one.state();
          if (step.do === "time") now += step.ms;
          if (step.do === "begin") {
            const call = one.begin(now);
            if (call) under.push(call);
            const isOpen = (before?.opened ?? 0) > 0;
            if (isOpen && call) {
              expect(now).toBeGreaterThanOrEqual(before?.openUntil ?? 0);
              expect(now).toBeGreaterThanOrEqual(probeUntil);
              probeUntil = now + rules.probeMs;
            }
            if (!isOpen) expect(call).toEqual(AS_OTHERS);
          }
          if (step.do === "end" || step.do === "die") {
            const [call] = under.splice(step.which % Math.max(1, under.length), 1);
            if (call && step.do === "end") {
              const wasProbe = call.probeId !== undefined && before?.probe?.id === call.probeId;
              one.end(call, step.health, now, step.chance);
              if (wasProbe) probeUntil = 0;
              const after = one.state();
              const closed = (before?.opened ?? 0) > 0 && after?.opened === 0;
              if (closed) expect(wasProbe && step.health === "SUCCESS").toBe(true);
              if (after?.opened && after !== before && !wasProbe)
                expect(step.health).toBe("FAILURE");
              if (after?.opened && after !== before)
                expect(after.openUntil - now).toBeLessThanOrEqual(Math.max(1, rules.longestOpenMs));
            }
          }
        }

        // It never stays shut for good, whoever died.
        expect(one.begin(now + rules.longestOpenMs + rules.probeMs + 1)).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  it("opens by no fewer failures than its rules say", () => {
    fc.assert(
      fc.property(rulesOfAnyKind, fc.array(fc.boolean(), { maxLength: 30 }), (rules, calls) => {
        const one = breaker(rules);
        let failures = 0;
        for (const good of calls) {
          if (one.view(START).kind !== "CLOSED") break;
          one.end(AS_OTHERS, good ? "SUCCESS" : "FAILURE", START);
          failures += good ? 0 : 1;
          if (one.view(START).kind === "OPEN")
            expect(failures).toBeGreaterThanOrEqual(rules.failures);
        }
      }),
    );
  });
});
