/** A vendor that hangs costs its own callers a deadline, and nobody else anything. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { BreakerRules } from "../../core/breaker.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { type GuardedCall, guardedCall } from "../../tests/stage/guarded-call.ts";
import { plainAnswer, type RawServer, rawServer } from "../../tests/stage/raw-server.ts";

const AT_ONCE = 10;
const rules: BreakerRules = {
  failures: 5,
  failureShare: 0.5,
  windowMs: 60_000,
  openMs: 600_000,
  longestOpenMs: 600_000,
  probeMs: 10_000,
};
const LIMITS = { requests: { requestsPerSecond: 1000, burst: 10_000, reservedShare: 0 } };

let tables: Tables;
let [hanging, well]: RawServer[] = [];
beforeAll(async () => {
  tables = await testTables();
  hanging = await rawServer(() => {});
  well = await rawServer((socket) => socket.write(plainAnswer("ok")));
});
afterAll(async () => {
  await Promise.all([hanging?.close(), well?.close()]);
});

describe("a vendor that hangs", () => {
  it("is not asked once its breaker is open, and holds no connection and nobody else", async () => {
    const call = { endpointId: "ep_1", rules, limits: LIMITS, timeoutMs: 300 };
    const noisy: GuardedCall = { ...call, tenantId: "noisy", url: `${hanging?.url}/` };
    const quiet: GuardedCall = { ...call, tenantId: "quiet", url: `${well?.url}/` };

    const loops = Array.from({ length: AT_ONCE }, async () => {
      const ends: (number | string)[] = [];
      for (let times = 0; times < 6; times += 1) ends.push(await guardedCall(tables, noisy));
      return ends;
    });
    const others: (number | string)[] = [];
    for (let times = 0; times < 30; times += 1) others.push(await guardedCall(tables, quiet));
    const ends = (await Promise.all(loops)).flat();

    expect(new Set(others)).toEqual(new Set([200]));
    const asked = hanging?.requests.length ?? 0;
    expect(ends.filter((end) => end === "TIMEOUT")).toHaveLength(asked);
    expect(ends.filter((end) => end === "OPEN")).toHaveLength(ends.length - asked);
    // Those that were under way when it opened, in two rounds at most.
    expect(asked).toBeLessThanOrEqual(2 * AT_ONCE);
    await expect.poll(() => hanging?.connections().open).toBe(0);

    expect(await guardedCall(tables, noisy)).toBe("OPEN");
    expect(hanging?.requests).toHaveLength(asked);
  });
});
