import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { testTables } from "../stage/emulator.ts";
import type { Fate } from "./at-work.ts";
import { walk } from "./walk.ts";

/** `npm run test:kill` asks for more of them, from a seed that it prints. */
const WALKS = Number(process.env.INLET_WALKS ?? 10);
const SEED = Number(process.env.INLET_SEED ?? 20261121);
const WALK_SECONDS = 15;

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const fate = fc.record<Fate>({
  becomes: fc.constantFrom("lives", "dies", "stalls"),
  after: fc.integer({ min: 1, max: 40 }),
  skewMs: fc.integer({ min: -2_000, max: 2_000 }),
  startedBy: fc.constantFrom("tick" as const, "hand" as const),
});

/** Start, tick, crash, takeover and restore, step by step on the real tables. */
describe("a unit under any interleaving of its processes", () => {
  it(
    "never has two owners, and a checkpoint that never goes back and is never ahead of a commit",
    async () => {
      const walked = { taken: 0, published: 0, restored: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          fc.array(fate, { minLength: 2, maxLength: 4 }),
          fc.boolean(),
          async (scheduler, fates, restores) => {
            const witness = await walk(tables, scheduler, fates, restores);
            for (const name of ["taken", "published", "restored"] as const)
              walked[name] += witness.seen[name];
            expect(witness.faults).toEqual([]);
          },
        ),
        { numRuns: WALKS, seed: SEED, endOnFailure: true },
      );

      for (const count of Object.values(walked)) expect(count).toBeGreaterThan(0);
    },
    WALKS * WALK_SECONDS * 1000,
  );
});
