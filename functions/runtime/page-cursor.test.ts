import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ListRequest, sealedCursors } from "./page-cursor.ts";

const cursors = sealedCursors(randomBytes(32));
const NOW = new Date("2026-11-21T10:00:00Z");
const aRequest = (changes: Partial<ListRequest> = {}): ListRequest => ({
  operationId: "listRuns",
  identity: { tenantId: "acme" },
  path: {},
  query: { limit: 10 },
  now: NOW,
  ...changes,
});

function sealed(request: ListRequest, next: string): string {
  return cursors.seal(request, { items: [], next }).nextCursor ?? "";
}

function opened(request: ListRequest, cursor: string, with_ = cursors): string | undefined {
  try {
    return with_.open({ ...request, query: { ...request.query, cursor } }).after;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("a page cursor", () => {
  it("opens to what was sealed, for the same list only", () => {
    const filter = fc.dictionary(fc.constantFrom("status", "unitId", "search"), fc.string(), {
      noNullPrototype: true,
    });
    const lists = fc.record({
      tenantId: fc.constantFrom("a", "b"),
      operationId: fc.constantFrom("x", "y"),
      filter,
    });
    const request = ({
      tenantId,
      operationId,
      filter,
    }: {
      tenantId: string;
      operationId: string;
      filter: object;
    }) => aRequest({ identity: { tenantId }, operationId, query: { ...filter, limit: 10 } });

    fc.assert(
      fc.property(lists, lists, fc.string(), (one, other, after) => {
        const cursor = sealed(request(one), after);
        expect(opened(request(one), cursor)).toBe(after);
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(opened(request(other), cursor)).toBe(same ? after : "CURSOR_INVALID");
      }),
    );
  });

  it("does not open when any byte of it was changed, cut or made up", () => {
    const cursor = sealed(aRequest(), "key");
    fc.assert(
      fc.property(fc.nat(cursor.length - 2), fc.base64String(), (at, noise) => {
        const other = cursor[at] === "A" ? "B" : "A";
        expect(opened(aRequest(), cursor.slice(0, at) + other + cursor.slice(at + 1))).toBe(
          "CURSOR_INVALID",
        );
        expect(opened(aRequest(), cursor.slice(0, at))).toBe("CURSOR_INVALID");
        expect(opened(aRequest(), noise)).toBe("CURSOR_INVALID");
      }),
    );
  });

  it("says nothing of the key in it, and opens with no other secret", () => {
    const cursor = sealed(aRequest(), "SINK#canary");
    expect(Buffer.from(cursor, "base64url").toString("latin1")).not.toContain("canary");
    expect(opened(aRequest(), cursor, sealedCursors(randomBytes(32)))).toBe("CURSOR_INVALID");
  });

  it("is good for an hour, and for another page size", () => {
    const cursor = sealed(aRequest(), "key");
    const later = (ms: number) =>
      aRequest({ now: new Date(NOW.getTime() + ms), query: { limit: 3 } });
    expect(opened(later(3_599_999), cursor)).toBe("key");
    expect(opened(later(3_600_000), cursor)).toBe("CURSOR_INVALID");
  });
});

function sorted(list: { tenantId: string; operationId: string; filter: object }) {
  return [
    list.tenantId,
    list.operationId,
    Object.entries(list.filter).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
}
