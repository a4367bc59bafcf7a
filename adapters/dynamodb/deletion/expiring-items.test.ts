import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { auditWrite, eventWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { transact } from "../table/transact.ts";
import { walk } from "../table/walk.ts";
import { removeAnswers, removeEvents } from "./expiring-items.ts";

const DAYS = ["2026-03-01", "2026-03-02", "2026-03-05"];
const NOW = new Date("2026-03-05T12:00:00.000Z");

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
  for (const day of DAYS) {
    for (const endpointId of ["ep_1", "ep_2"]) {
      const occurredAt = `${day}T10:00:00.000Z`;
      const data = { runId: `run_${day}`, endpointId, unitId: "jira.issues" };
      const audit = {
        tenantId: "acme",
        at: occurredAt,
        actor: "anna",
        action: "run.start",
        subject: "run/1",
      };
      await transact(tables, [
        eventWrite(tables, { tenantId: "acme", occurredAt, type: "integration.run.started", data }),
        auditWrite(tables, { ...audit, before: null, after: data }),
      ]);
    }
  }
});

async function all(table: string, pks: string[]): Promise<Record<string, unknown>[]> {
  const found = [];
  for (const pk of pks) for await (const item of walk(tables, { table, pk })) found.push(item);
  return found;
}
const eventsLeft = async () => {
  const events = await all(
    tables.events,
    DAYS.map((day) => keys.event("acme", day, "").pk),
  );
  return events.map(
    ({ occurredAt, data }) =>
      `${String(occurredAt).slice(0, 10)} ${(data as { endpointId: string }).endpointId}`,
  );
};

async function toTheEnd(step: (after: string | null) => Promise<string | null>): Promise<string[]> {
  const positions: string[] = [];
  for (let after = await step(null); after !== null; after = await step(after))
    positions.push(after);
  return positions;
}

describe("events", () => {
  it("of one endpoint go day by day, first to last; others' and the audit stay", async () => {
    const of = {
      tenantId: "acme",
      endpointId: "ep_1",
      since: new Date("2026-03-02T00:00:00.000Z"),
    };
    expect(await toTheEnd((after) => removeEvents(tables, of, after, NOW))).toEqual([
      "2026-03-03",
      "2026-03-04",
      "2026-03-05",
    ]);
    const others = DAYS.map((day) => `${day} ep_2`);
    expect((await eventsLeft()).sort()).toEqual([...others, "2026-03-01 ep_1"].sort());
    const audits = DAYS.map((day) => keys.audit("acme", day, "").pk);
    expect(await all(tables.events, audits)).toHaveLength(6);
  });

  it("of a tenant go all, however old the tenant", async () => {
    const of = { tenantId: "acme", since: new Date(0) };
    expect(await toTheEnd((after) => removeEvents(tables, of, after, NOW))).toHaveLength(93);
    expect(await eventsLeft()).toEqual([]);
  });
});

describe("kept answers", () => {
  it("go by the endpoint that they tell of", async () => {
    const answers = {
      k1: { endpointId: "ep_1" },
      k2: { endpointId: "ep_2" },
      k3: { name: "a sink" },
    };
    for (const [key, response] of Object.entries(answers)) {
      const Item = {
        ...keys.idempotency("acme", "startRun", key),
        entity: "idempotency",
        response,
      };
      await tables.client.send(new PutCommand({ TableName: tables.hot, Item }));
    }
    const { pk } = keys.idempotency("acme", "", "");
    const left = async () => (await all(tables.hot, [pk])).map(({ sk }) => sk);
    await toTheEnd((after) =>
      removeAnswers(tables, { tenantId: "acme", endpointId: "ep_1" }, after),
    );
    expect(await left()).toEqual(["startRun#k2", "startRun#k3"]);
    await toTheEnd((after) => removeAnswers(tables, { tenantId: "acme" }, after));
    expect(await left()).toEqual([]);
  });
});
