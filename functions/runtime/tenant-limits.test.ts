import { beforeAll, describe, expect, it, vi } from "vitest";
import { testTables } from "../../tests/stage/emulator.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";

const PER_MINUTE = 600;
const START = Date.UTC(2026, 10, 21);

type Instance = (tenantId: string, second: number) => Promise<void>;
let instances: Instance[];

/** Functions that run apart: each has what it holds for itself. */
beforeAll(async () => {
  const needs = {
    tables: await testTables(),
    defaultQuotas: { ...QUOTAS, requestsPerMinute: PER_MINUTE },
  };
  instances = [];
  for (let n = 0; n < 4; n++) {
    vi.resetModules();
    const { admitRequest } = await import("./tenant-limits.ts");
    instances.push((tenantId, second) =>
      admitRequest(needs, tenantId, new Date(START + second * 1000)),
    );
  }
});

describe("a tenant's rate", () => {
  it("is all the tenant's, however many instances have a small part of it", async () => {
    for (let second = 0; second < 120; second++) {
      for (const ask of instances) await expect(ask("seldom", second)).resolves.toBeUndefined();
    }
  });

  it("lets through what it says in a burst, and says when to come back", async () => {
    let admitted = 0;
    const refusals: unknown[] = [];
    for (let n = 0; n < PER_MINUTE + 50; n++) {
      try {
        await instances[n % instances.length]?.("bursting", 0);
        admitted += 1;
      } catch (refusal) {
        refusals.push(refusal);
      }
    }
    expect(admitted).toBe(PER_MINUTE);
    expect(refusals[0]).toMatchObject({ code: "RATE_LIMITED", details: { retryAfterSeconds: 1 } });
  });
});
