import { expect, it } from "vitest";
import { race } from "./rounds.ts";

const ROUNDS = 10;

it("fifty callers in three processes cost one refresh a round, and no spent token", async () => {
  expect(await race(ROUNDS)).toEqual({
    rounds: ROUNDS,
    answers: 50 * ROUNDS,
    refreshes: ROUNDS,
    reused: 0,
    faults: [],
    split: 0,
  });
}, 300_000);
