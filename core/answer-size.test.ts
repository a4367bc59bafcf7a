import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerBytes, firstThatFit, PageFill } from "./answer-size.ts";

const things = fc.array(fc.record({ id: fc.nat(), text: fc.string({ maxLength: 60 }) }), {
  maxLength: 40,
});

/** A list read page by page, as its stores do. */
function pagesOf<T>(all: readonly T[], limit: number, mostBytes: number): T[][] {
  const pages: T[][] = [];
  for (let start = 0; start < all.length; ) {
    const page = new PageFill<T>(limit, mostBytes);
    for (const one of all.slice(start)) if (!page.take(one)) break;
    pages.push(page.items);
    start += page.items.length;
  }
  return pages;
}

describe("pages that end by count and by bytes", () => {
  it("lose none and double none, and are as full as they may be", () => {
    fc.assert(
      fc.property(
        things,
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 800 }),
        (all, limit, mostBytes) => {
          const pages = pagesOf(all, limit, mostBytes);
          expect(pages.flat()).toEqual(all);
          for (const [at, page] of pages.entries()) {
            const bytes = page.reduce((sum, one) => sum + answerBytes(one), 0);
            expect(page.length).toBeLessThanOrEqual(limit);
            expect(page.length === 1 || bytes <= mostBytes).toBe(true);
            const next = pages[at + 1]?.[0];
            expect(
              next === undefined || page.length === limit || bytes + answerBytes(next) > mostBytes,
            ).toBe(true);
          }
        },
      ),
    );
  });

  it("weigh what is sent: a quote costs four bytes, escaped alone and again in the body", () => {
    expect(answerBytes('"')).toBe(Buffer.byteLength(JSON.stringify(JSON.stringify('"'))));
    expect(answerBytes("é")).toBe(2 + 2 * 2 + 2);
  });
});

describe("what is shown of one thing", () => {
  it("is its beginning, and all of it when it fits", () => {
    fc.assert(
      fc.property(things, fc.nat(2000), (all, mostBytes) => {
        const shown = firstThatFit(all, mostBytes);
        expect(shown).toEqual(all.slice(0, shown.length));
        const bytes = shown.reduce((sum, one) => sum + answerBytes(one), 0);
        const next = all[shown.length];
        expect(bytes).toBeLessThanOrEqual(mostBytes);
        expect(next === undefined || bytes + answerBytes(next) > mostBytes).toBe(true);
      }),
    );
  });
});
