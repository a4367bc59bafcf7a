import { beforeAll, describe, expect, it } from "vitest";
import type { Transform } from "../../../schemas/transform.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { listAudit } from "../journal/audit.ts";
import { deleteTransform, findTransform, listTransforms, saveTransform } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const NOW = new Date("2026-11-21T10:00:00Z");
const aTransform = (changes: Partial<Transform> = {}): Transform => ({
  tenantId: "acme",
  name: "to_ticket",
  expression: "key",
  version: 1,
  createdAt: NOW.toISOString(),
  updatedAt: NOW.toISOString(),
  ...changes,
});
const next = (seen: Transform, expression: string): Transform => ({
  ...seen,
  expression,
  version: seen.version + 1,
});

describe("transforms", () => {
  it("keep each version as it was, and show the newest", async () => {
    const first = aTransform();
    const second = next(first, "key & '!'");
    await saveTransform(tables, first, undefined, "ada");
    await saveTransform(tables, second, first, "ada");

    expect(await findTransform(tables, "acme", "to_ticket")).toEqual(second);
    expect(await findTransform(tables, "acme", "to_ticket", 2)).toEqual(second);
    expect(await findTransform(tables, "acme", "to_ticket", 1)).toEqual(first);
    expect(await findTransform(tables, "acme", "to_ticket", 3)).toBeUndefined();
    expect((await listTransforms(tables, "acme", { limit: 10 })).items).toEqual([second]);
  });

  it("are no other tenant's", async () => {
    expect(await findTransform(tables, "globex", "to_ticket")).toBeUndefined();
    expect((await listTransforms(tables, "globex", { limit: 10 })).items).toEqual([]);
  });

  it("are changed over the version that was read only", async () => {
    const first = aTransform({ name: "raced" });
    await saveTransform(tables, first, undefined, "ada");
    const stale = expect.objectContaining({ code: "STALE_VERSION" });

    await expect(saveTransform(tables, first, undefined, "bob")).rejects.toEqual(stale);
    await saveTransform(tables, next(first, "a"), first, "ada");
    await expect(saveTransform(tables, next(first, "b"), first, "bob")).rejects.toEqual(stale);
    await expect(deleteTransform(tables, first, "bob", NOW)).rejects.toEqual(stale);
  });

  it("go with all their versions, and leave none to one of the same name", async () => {
    const first = aTransform({ name: "gone" });
    const second = next(first, "2");
    await saveTransform(tables, first, undefined, "ada");
    await saveTransform(tables, second, first, "ada");
    await deleteTransform(tables, second, "ada", NOW);
    expect(await findTransform(tables, "acme", "gone")).toBeUndefined();

    const later = aTransform({ name: "gone", createdAt: "2026-12-01T00:00:00.000Z" });
    await saveTransform(tables, later, undefined, "ada");
    expect(await findTransform(tables, "acme", "gone", 2)).toBeUndefined();
  });

  it("keep their last fifty versions", async () => {
    let seen = aTransform({ name: "busy" });
    await saveTransform(tables, seen, undefined, "ada");
    while (seen.version < 52) {
      const changed = next(seen, String(seen.version));
      await saveTransform(tables, changed, seen, "ada");
      seen = changed;
    }

    expect(await findTransform(tables, "acme", "busy", 2)).toBeUndefined();
    expect(await findTransform(tables, "acme", "busy", 3)).toMatchObject({ expression: "2" });
  });

  it("are audited, whoever changes them", async () => {
    const [from, to] = [new Date(NOW.getTime() - 1000), new Date(NOW.getTime() + 1000)];
    const page = { limit: 100, subject: "transform/gone", from, to };
    const { items } = await listAudit(tables, "acme", page);
    const actions = items.map(({ action, actor }) => `${action} by ${actor}`);
    expect(actions).toEqual(expect.arrayContaining(["transform.create by ada"]));
    expect(actions.filter((action) => action.startsWith("transform.delete"))).toHaveLength(1);
  });
});
