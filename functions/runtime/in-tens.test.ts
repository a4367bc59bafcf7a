import fc from "fast-check";
import { expect, it } from "vitest";
import { inTens } from "./in-tens.ts";

it("works on each once, and on ten at a time at most", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(45), async (length) => {
      const all = Array.from({ length }, (_, nth) => nth);
      const done: number[] = [];
      let atOnce = 0;
      let most = 0;
      await inTens(all, async (one) => {
        most = Math.max(most, ++atOnce);
        await new Promise((wake) => setImmediate(wake));
        atOnce--;
        done.push(one);
      });

      expect(done.toSorted((a, b) => a - b)).toEqual(all);
      expect(most).toBe(Math.min(10, length));
    }),
  );
});

it("works on all, whichever fail, and throws what the first of them threw", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(45),
      fc.uniqueArray(fc.nat(45), { minLength: 1 }),
      async (length, bad) => {
        const all = Array.from({ length }, (_, nth) => nth);
        const tried: number[] = [];
        const working = inTens(all, async (one) => {
          tried.push(one);
          if (bad.includes(one)) throw new Error(`${one} fails`);
        });

        const first = all.find((one) => bad.includes(one));
        if (first === undefined) await working;
        else await expect(working).rejects.toThrow(`${first} fails`);
        expect(tried).toEqual(all);
      },
    ),
  );
});
