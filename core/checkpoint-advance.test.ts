import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NextCheckpoint } from "../schemas/checkpoint.ts";
import { mayAdvance } from "./checkpoint-advance.ts";

describe("mayAdvance", () => {
  it("never lets a position go back, whatever is offered in whatever order", () => {
    const offers = fc.array(
      fc.integer().map((position): NextCheckpoint => ({ cursor: { position }, position })),
    );
    fc.assert(
      fc.property(offers, (offered) => {
        let current: NextCheckpoint | null = null;
        let highest = Number.NEGATIVE_INFINITY;
        for (const next of offered) {
          if (mayAdvance(current, next)) current = next;
          highest = Math.max(highest, next.position ?? highest);
          expect(current?.position).toBe(highest);
        }
      }),
    );
  });

  it("takes a new boundary set at the same position, and an opaque cursor as it comes", () => {
    const at = (position: number | null): NextCheckpoint => ({ cursor: {}, position });
    expect(mayAdvance(at(5), at(5))).toBe(true);
    expect(mayAdvance(at(5), at(null))).toBe(true);
    expect(mayAdvance(at(null), at(1))).toBe(true);
  });

  it("lets a checkpoint of another table or another place begin anew, and no other", () => {
    const at = (position: number, identity?: object): NextCheckpoint => ({
      cursor: { position, ...(identity && { identity }) },
      position,
    });
    const here = { place: "a", made: "1" };
    expect(mayAdvance(at(9, here), at(3, { ...here, made: "2" }))).toBe(true);
    expect(mayAdvance(at(9, here), at(3, { ...here, made: "" }))).toBe(true);
    expect(mayAdvance(at(9, here), at(3, { ...here, place: "b" }))).toBe(true);
    expect(mayAdvance(at(9, here), at(3, here))).toBe(false);
    expect(mayAdvance(at(9), at(3, here))).toBe(true);
    expect(mayAdvance(at(9, here), at(3))).toBe(false);
  });
});
