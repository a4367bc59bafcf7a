import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BreakerRules } from "../../core/breaker.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { admit, type BreakerOwner, report } from "./breakers.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";
import { findItem } from "./table/find.ts";

const RULES: BreakerRules = {
  failures: 3,
  failureShare: 0.5,
  windowMs: 10_000,
  openMs: 1_000,
  longestOpenMs: 8_000,
  probeMs: 5_000,
};
const NOW = 1_772_445_600_000;
const at = (ms: number) => new Date(NOW + ms);

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

let made = 0;
function owner(): BreakerOwner {
  made += 1;
  return { tenantId: "acme", endpointId: `ep_${made}`, host: "vendor.test" };
}
const fails = async (of: BreakerOwner, ms: number) =>
  report(tables, of, RULES, await admit(tables, of, RULES, at(ms)), "FAILURE", {
    now: at(ms),
    chance: 0,
  });
const stored = ({ tenantId, endpointId, host }: BreakerOwner) =>
  findItem(tables, keys.breaker(tenantId, endpointId, host), { table: tables.hot });

describe("a breaker in the table", () => {
  it("costs one read and no write while the vendor is well", async () => {
    const of = owner();
    const sent: string[] = [];
    const send = ((command: object, ...rest: []) => {
      sent.push(command.constructor.name);
      return tables.client.send(command as never, ...rest);
    }) as never;
    const counted: Tables = { ...tables, client: { send } as never };
    const admission = await admit(counted, of, RULES, at(0));
    await report(counted, of, RULES, admission, "SUCCESS", { now: at(0), chance: 0 });
    expect([admission.kind, sent]).toEqual(["CLOSED", ["GetCommand"]]);
    expect(await stored(of)).toBeUndefined();
  });

  it("opens for everybody, lets one probe through, and closes when that succeeds", async () => {
    const of = owner();
    expect([await fails(of, 0), await fails(of, 1), await fails(of, 2)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(await admit({ ...tables }, of, RULES, at(500))).toEqual({
      kind: "OPEN",
      retryAfterSeconds: 1,
    });

    const asked = Array.from({ length: 10 }, () => admit({ ...tables }, of, RULES, at(1_100)));
    const answers = await Promise.all(asked);
    const probes = answers.filter(({ kind }) => kind === "PROBE");
    expect([probes.length, answers.length - probes.length]).toEqual([1, 9]);
    const [probe] = probes;
    if (!probe) return;
    await report(tables, of, RULES, probe, "SUCCESS", { now: at(1_200), chance: 0 });
    expect(await admit(tables, of, RULES, at(1_200))).toMatchObject({ kind: "CLOSED" });
  });

  it("is a tenant's, an endpoint's and a host's own", async () => {
    const of = owner();
    for (const ms of [0, 1, 2]) await fails(of, ms);
    const others = [
      { ...of, tenantId: "other" },
      { ...of, endpointId: "ep_other" },
      { ...of, host: "api.vendor.test" },
    ];
    for (const other of others)
      expect(await admit(tables, other, RULES, at(3))).toMatchObject({ kind: "CLOSED" });
    expect(await admit(tables, of, RULES, at(3))).toMatchObject({ kind: "OPEN" });
  });

  it("is forgotten by itself, after it was last of use", async () => {
    const of = owner();
    for (const ms of [0, 1, 2]) await fails(of, ms);
    const { ttl } = (await stored(of)) ?? {};
    expect(ttl).toBe(Math.floor((NOW + 2 + 1_000 + 86_400_000) / 1000));
  });
});

describe("a breaker of several processes", () => {
  let vendor: Server;
  let isWell = false;
  const calls: { at: number; asked: number; probe: boolean }[] = [];
  beforeAll(async () => {
    vendor = createServer((request, response) => {
      const probe = request.headers["x-probe"] === "yes";
      calls.push({ at: Date.now(), asked: Number(request.headers["x-asked"]), probe });
      response.statusCode = isWell ? 200 : 503;
      response.end();
    });
    await new Promise<void>((done) => vendor.listen(0, "127.0.0.1", done));
  });
  afterAll(() => {
    vendor.closeAllConnections();
    vendor.close();
  });

  it("lets nothing reach an open vendor but one probe per half-open", async () => {
    const of = owner();
    const { port } = vendor.address() as { port: number };
    const rules = { ...RULES, openMs: 700, longestOpenMs: 1_400 };
    const order = { tables: { ...tables, client: undefined }, of, rules, port };
    const callers = Array.from({ length: 4 }, () =>
      fork(join(import.meta.dirname, "../../tests/stage/breaker-caller.ts"), [
        JSON.stringify(order),
      ]),
    );
    const opens: number[] = [];
    for (const caller of callers)
      caller.on("message", ({ opened }: { opened?: number }) => opened && opens.push(opened));

    const probed = () => calls.filter(({ probe }) => probe).length;
    await expect.poll(probed, { timeout: 40_000 }).toBeGreaterThanOrEqual(4);
    isWell = true;
    const closed = () => calls.filter(({ probe }) => !probe).length;
    const before = closed();
    await expect.poll(closed, { timeout: 20_000 }).toBeGreaterThan(before + 10);
    for (const caller of callers) caller.send("end");
    await Promise.all(callers.map((caller) => once(caller, "exit")));

    // Whoever asked after it was open got no more than a probe, until the last probe closed it.
    const firstOpen = Math.min(...opens);
    const probes = calls.filter(({ probe }) => probe);
    const wellFrom = probes.at(-1)?.at ?? 0;
    const through = calls.filter(
      ({ asked, at, probe }) => !probe && asked > firstOpen && at < wellFrom,
    );
    expect(through).toEqual([]);
    const apart = probes.slice(1).map(({ at }, index) => at - (probes[index]?.at ?? 0));
    expect(Math.min(...apart)).toBeGreaterThan(rules.openMs * 0.7);
    expect(probes.length).toBeGreaterThanOrEqual(4);
  });
});
