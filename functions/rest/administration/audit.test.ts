import { PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as fc from "fast-check";
import { encodeTime } from "ulid";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { keys } from "../../../adapters/dynamodb/keys.ts";
import type { AuditEntry } from "../../../schemas/event.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { finishNextProbe } from "../../../tests/stage/probe-answers.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler as runs } from "../runs/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler as administration } from "./handler.ts";

const call = caller(administration);
const SECRET = "very-secret-1";
const credentials = { authType: "basic", secret: { user: "anna", password: SECRET } };

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

async function entries(query = "", as = ADMIN): Promise<AuditEntry[]> {
  return (await call("GET", `/audit?limit=100&${query}`, { as })).body.items;
}

describe("the audit", () => {
  it("shows what people are called, and keeps no name itself", async () => {
    const send = caller(endpoints);
    const shop = { name: "Named", connector: "shop", config: { baseUrl: "https://shop.example" } };
    const nora = { ...ADMIN, tenantId: "named", name: "nora@acme.example" };
    await send("POST", "/endpoints", { body: shop, as: nora });
    const [entry] = await entries("action=endpoint.create", nora);
    expect(entry).toMatchObject({ actor: "anna", actorName: "nora@acme.example" });

    // What another tenant calls the same subject is its own.
    await send("POST", "/endpoints", { body: shop, as: { ...ADMIN, tenantId: "nameless" } });
    const [theirs] = await entries("action=endpoint.create", { ...ADMIN, tenantId: "nameless" });
    expect(theirs).toMatchObject({ actor: "anna", actorName: null });

    const { Items = [] } = await tables.client.send(
      new QueryCommand({
        TableName: tables.events,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: {
          ":pk": keys.audit("named", (entry?.at ?? "").slice(0, 10), "").pk,
        },
      }),
    );
    expect(Items.length).toBeGreaterThan(0);
    expect(JSON.stringify(Items)).not.toContain("nora@");
  });

  it("has every change with before and after, newest first, and no secret", async () => {
    const send = caller(endpoints);
    const shop = {
      name: "Audited",
      connector: "shop",
      config: { baseUrl: "https://shop.example" },
    };
    const { endpointId } = (await send("POST", "/endpoints", { body: shop })).body;
    const at = (version: number) => ({ "if-match": `"${version}"` });
    const taken = finishNextProbe(tables, { summary: {}, key: null, error: null });
    await send("PUT", `/endpoints/${endpointId}/credentials`, { body: credentials });
    await taken;
    await send("PATCH", `/endpoints/${endpointId}`, { body: { name: "Renamed" }, headers: at(2) });
    await collected(tables, ADMIN.tenantId, endpointId, ["shop.orders"]);
    const lake = { type: "warehouse.iceberg", config: {} };
    const first = (await caller(sinks)("POST", "/sinks", { body: { ...lake, name: "Lake" } })).body;
    const [born] = (await caller(sinks)("GET", "/sinks?limit=100")).body.items.filter(
      ({ name }: { name: string }) => name === "lake",
    );
    const second = (
      await caller(sinks)("POST", "/sinks", { body: { ...lake, name: "Sea", isDefault: true } })
    ).body;
    const unit = `/endpoints/${endpointId}/units/shop.orders`;
    await send("PUT", `${unit}/config`, { body: { enabled: true } });
    await send("PUT", `${unit}/config`, { body: { enabled: false }, headers: at(1) });
    await send("POST", `${unit}/pause`);
    await send("POST", `${unit}/resume`);
    const run = (
      await caller(runs)("POST", "/runs", { body: { endpointId, unitId: "shop.orders" } })
    ).body;
    await caller(runs)("POST", `/runs/${run.runId}/cancel`);

    const found = await entries();
    expect(found.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      `run.cancel run/${run.runId}`,
      `run.start run/${run.runId}`,
      `unit.resume unit/${endpointId}/shop.orders`,
      `unit.pause unit/${endpointId}/shop.orders`,
      `config.update unit/${endpointId}/shop.orders`,
      `config.create unit/${endpointId}/shop.orders`,
      ...[`sink.create sink/${second.sinkId}`, `sink.update sink/${born.sinkId}`].sort(byId(found)),
      ...[`sink.create sink/${first.sinkId}`, `sink.create sink/${born.sinkId}`].sort(byId(found)),
      `endpoint.update endpoint/${endpointId}`,
      `endpoint.credentials endpoint/${endpointId}`,
      `endpoint.create endpoint/${endpointId}`,
    ]);
    const seen = (action: string) => found.find((entry) => entry.action === action);
    expect(seen("endpoint.update")).toMatchObject({
      before: { name: "Audited" },
      after: { name: "Renamed" },
    });
    expect(seen("endpoint.credentials")).toMatchObject({ before: { credentialVersion: null } });
    expect(seen("config.update")).toMatchObject({
      before: { enabled: true },
      after: { enabled: false },
    });
    expect(seen("run.cancel")).toMatchObject({
      before: { cancelRequested: false },
      after: { cancelRequested: true },
    });
    const others = found
      .filter(({ actor }) => actor !== "anna")
      .map(({ actor, subject }) => `${actor} ${subject}`);
    expect(others).toEqual([`inlet sink/${born.sinkId}`]);
    expect(JSON.stringify(found)).not.toContain(SECRET);
  });

  it("keeps an endpoint as it was when it was deleted", async () => {
    const send = caller(endpoints);
    const shop = { name: "Going", connector: "shop", config: { baseUrl: "https://shop.example" } };
    const { endpointId } = (await send("POST", "/endpoints", { body: shop })).body;
    await send("DELETE", `/endpoints/${endpointId}`, { headers: { "if-match": "*" } });
    const found = await entries(`subject=endpoint/${endpointId}&action=endpoint.delete`);
    expect(found).toMatchObject([{ before: { name: "Going" }, after: null }]);
  });

  it("is for admins, and of their own tenant only", async () => {
    expect(await entries("", STRANGER)).toEqual([]);
    const operator = await call("GET", "/audit", { as: { tenantId: "acme", roles: ["operator"] } });
    expect(operator.status).toBe(403);
    const { nextCursor } = (await call("GET", "/audit?limit=1")).body;
    const foreign = await call("GET", `/audit?limit=1&cursor=${nextCursor}`, { as: STRANGER });
    expect(foreign.body.code).toBe("CURSOR_INVALID");
  });
});

/**
 * Entries of one transaction bear the same millisecond: their order among themselves is not
 * promised.
 */
const byId = (found: readonly AuditEntry[]) => (a: string, b: string) =>
  found.findIndex((one) => a === `${one.action} ${one.subject}`) -
  found.findIndex((one) => b === `${one.action} ${one.subject}`);

/** As the journal names the first entry of an instant. */
const idAt = (at: string) => `aud_${encodeTime(Date.parse(at), 10)}${"0".repeat(16)}`;

describe("pages of the audit", () => {
  const HISTORIAN = { tenantId: "history", roles: ["admin" as const] };
  const NEWEST = Date.parse("2026-05-31T23:00:00.000Z");
  const HOURS = 70 * 24;
  const hours = [0, 1, 2, 30, 31, 600, 800, 801, 1500, HOURS];
  const at = (hour: number) => new Date(NEWEST - hour * 3_600_000).toISOString();

  beforeAll(async () => {
    for (const [place, hour] of hours.entries()) {
      const entry = {
        auditId: idAt(at(hour)),
        tenantId: "history",
        at: at(hour),
        actor: "anna",
        action: "a",
      };
      const Item = {
        ...entry,
        subject: `s/${place % 2}`,
        before: null,
        after: null,
        entity: "audit",
      };
      const Key = keys.audit("history", entry.at.slice(0, 10), entry.auditId);
      await tables.client.send(
        new PutCommand({ TableName: tables.events, Item: { ...Key, ...Item } }),
      );
    }
  });

  it("split a time span without losing or repeating an entry", async () => {
    const span = fc.tuple(
      fc.nat(HOURS),
      fc.nat(HOURS),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom("", "s/1"),
    );

    await fc.assert(
      fc.asyncProperty(span, async ([a, b, limit, subject]) => {
        const [newest, oldest] = [Math.min(a, b), Math.max(a, b)];
        const filter = `from=${at(oldest)}&to=${at(newest)}${subject && `&subject=${subject}`}`;
        const query = `/audit?limit=${limit}&${filter}`;
        const found: string[] = [];
        for (let cursor = ""; ; ) {
          const { body } = await call("GET", query + cursor, { as: HISTORIAN });
          found.push(...body.items.map((entry: AuditEntry) => entry.at));
          if (body.nextCursor === null) break;
          cursor = `&cursor=${body.nextCursor}`;
        }

        const wanted = hours.filter(
          (hour, place) => hour >= newest && hour <= oldest && (!subject || place % 2 === 1),
        );
        expect(found).toEqual(wanted.map(at));
      }),
      { numRuns: 15 },
    );
  });

  it("between bounds that are the wrong way round there is nothing", async () => {
    const query = "/audit?from=2026-05-31T12:00:00Z&to=2026-05-31T11:00:00Z";
    const { status, body } = await call("GET", query, { as: HISTORIAN });
    expect([status, body]).toEqual([200, { items: [], nextCursor: null }]);
  });

  it("end when much was read of which nothing was asked for, and go on from there", async () => {
    const day = "2026-06-01";
    const asked = {
      tenantId: "long",
      actor: "anna",
      subject: "s/1",
      before: null,
      entity: "audit",
    };
    const put = (minute: number, action: string, after: unknown) => {
      const when = `${day}T10:${minute}:00.000Z`;
      const auditId = idAt(when);
      const Item = {
        ...keys.audit("long", day, auditId),
        ...asked,
        auditId,
        at: when,
        action,
        after,
      };
      return tables.client.send(new PutCommand({ TableName: tables.events, Item }));
    };
    await put(10, "wanted", null);
    for (let minute = 11; minute < 46; minute++)
      await put(minute, "other", { text: "x".repeat(380_000) });

    const query = `/audit?from=${day}T00:00:00Z&to=${day}T23:00:00Z&action=wanted`;
    const as = { tenantId: "long", roles: ["admin" as const] };
    const first = (await call("GET", query, { as })).body;
    expect(first).toEqual({ items: [], nextCursor: expect.any(String) });
    const second = (await call("GET", `${query}&cursor=${first.nextCursor}`, { as })).body;
    expect(second).toMatchObject({ items: [{ action: "wanted" }], nextCursor: null });

    // What lies outside the span is not read.
    const narrow = `/audit?from=${day}T00:00:00Z&to=${day}T10:10:59Z&action=wanted`;
    expect((await call("GET", narrow, { as })).body).toMatchObject({
      items: [{ action: "wanted" }],
      nextCursor: null,
    });
  });
});
