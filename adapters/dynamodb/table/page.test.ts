import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { answerBytes, PAGE_BYTES } from "../../../core/answer-size.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { listAudit } from "../journal/audit.ts";
import { auditWrite } from "../journal/entries.ts";
import { type Page, queryPage } from "./page.ts";
import { transact } from "./transact.ts";

const ITEMS = 45;
/** The fattest are as large as an item may be, the others a tenth of that. */
const sizeOf = (n: number) => (n % 3 === 0 ? 380_000 : 38_000);
const name = (n: number) => `FAT#${String(n).padStart(3, "0")}`;
const AT = Date.parse("2026-11-21T10:00:00Z");

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
  for (let n = 0; n < ITEMS; n++) {
    const Item = { pk: "T#acme", sk: name(n), text: '"'.repeat(sizeOf(n) / 2), n };
    await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
    const at = new Date(AT - Math.floor(n / 10) * 86_400_000 - n).toISOString();
    const change = { n, text: "x".repeat(140_000) };
    await transact(tables, [
      auditWrite(tables, {
        tenantId: "acme",
        at,
        actor: "anna",
        action: "fat.put",
        subject: "fat",
        before: change,
        after: change,
      }),
    ]);
  }
});

async function walked<T>(
  read: (after: string | undefined) => Promise<Page<T>>,
): Promise<Page<T>[]> {
  const pages: Page<T>[] = [];
  for (let after: string | undefined; ; ) {
    const page = await read(after);
    pages.push(page);
    if (page.next === null) return pages;
    after = page.next;
  }
}

function expectWhole(pages: readonly Page<{ n: number }>[], limit: number): void {
  expect(pages.flatMap(({ items }) => items.map(({ n }) => n))).toEqual(
    Array.from({ length: ITEMS }, (_, n) => n),
  );
  for (const { items } of pages) {
    expect(items.length).toBeLessThanOrEqual(limit);
    expect(items.reduce((sum, one) => sum + answerBytes(one), 0)).toBeLessThanOrEqual(PAGE_BYTES);
  }
}

describe("pages of fat items", () => {
  it.each([1, 7, 100])(
    "end by bytes, and go on exactly where they ended, with at most %s items",
    async (limit) => {
      const parse = (item: Record<string, unknown>) => ({ n: Number(item.n), text: item.text });
      const partition = { pk: "T#acme", prefix: "FAT#" };
      expectWhole(
        await walked((after) => queryPage(tables, partition, { limit, after }, parse)),
        limit,
      );
    },
  );

  it("are filled in spite of what is left out between", async () => {
    const parse = (item: Record<string, unknown>) => ({ n: Number(item.n) });
    const partition = { pk: "T#acme", prefix: "FAT#" };
    const odd = await walked((after) =>
      queryPage(tables, partition, { limit: 4, after }, parse, ({ n }) => n % 2 === 1),
    );
    expect(odd.flatMap(({ items }) => items.map(({ n }) => n))).toEqual(
      Array.from({ length: 22 }, (_, n) => 2 * n + 1),
    );
  });

  it("end when much was left out, and go on exactly there", async () => {
    const parse = (item: Record<string, unknown>) => ({ n: Number(item.n) });
    const partition = { pk: "T#acme", prefix: "FAT#" };
    const pages = await walked((after) =>
      queryPage(tables, partition, { limit: 4, after }, parse, ({ n }) => n === ITEMS - 1),
    );
    expect(pages.map(({ items }) => items)).toEqual([[], [{ n: ITEMS - 1 }]]);
  });

  it.each([3, 100])("of the audit go on over days, with at most %s entries", async (limit) => {
    const span = { from: new Date(AT - 30 * 86_400_000), to: new Date(AT + 1) };
    const pages = await walked((after) => listAudit(tables, "acme", { ...span, limit, after }));
    const entries = pages.map(({ items, next }) => ({
      items: items.map(({ after }) => after as { n: number }),
      next,
    }));
    expectWhole(entries, limit);
  });
});
