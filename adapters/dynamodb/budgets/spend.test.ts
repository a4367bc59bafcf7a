import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, it } from "vitest";
import type { Limits, VendorLimits } from "../../../core/budget/limits.ts";
import { budgetLevel } from "../../../core/budget-level.ts";
import { effectiveLimits } from "../../../core/effective-limits.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { findBudgetBucket } from "../endpoints/budget.ts";
import { type BudgetOwner, holdUntil, noteAnswer, spendOne } from "./spend.ts";

const NOW = 1_772_445_600_000;
const LIMITS: Limits = { requestsPerSecond: 10, burst: 20, reservedShare: 0.25 };
const REQUESTS: VendorLimits = { requests: LIMITS };
const at = (ms: number) => () => new Date(NOW + ms);
const people = { people: true, now: at(0) };

let tables: Tables;
/** As another process has them: its spenders are its own. */
const elsewhere = () => ({ ...tables });
beforeAll(async () => {
  tables = await testTables();
});

let made = 0;
function owner(): BudgetOwner {
  made += 1;
  return { tenantId: "acme", endpointId: `ep_${made}`, connector: `jira${made}` };
}

async function spentBy(some: Tables, of: BudgetOwner, most: number, spending = people) {
  for (let spent = 0; spent < most; spent += 1)
    if (!(await spendOne(some, of, REQUESTS, spending)).allowed) return spent;
  return most;
}

describe("a shared budget", () => {
  it("grants its burst, names the wait, and fills with time", async () => {
    const of = owner();
    expect(await spentBy(tables, of, 100)).toBe(20);
    expect(await spendOne(tables, of, REQUESTS, people)).toEqual({
      allowed: false,
      retryAfterSeconds: 1,
    });
    expect(await spentBy(tables, of, 100, { ...people, now: at(500) })).toBe(5);
  });

  it("keeps the reserved share for people", async () => {
    const of = owner();
    expect(await spentBy(tables, of, 100, { people: false, now: at(0) })).toBe(15);
    expect(await spentBy(elsewhere(), of, 100)).toBe(5);
  });

  it("grants no more to eight processes at once than to one", async () => {
    const of = owner();
    const spent = await Promise.all(Array.from({ length: 8 }, () => spentBy(elsewhere(), of, 40)));
    const sum = spent.reduce((left, one) => left + one, 0);
    expect(sum).toBeLessThanOrEqual(LIMITS.burst);
    expect(sum).toBeGreaterThan(LIMITS.burst / 2);
  });

  it("costs a busy process fewer writes than calls", async () => {
    const of = owner();
    const limits = { requests: { requestsPerSecond: 100, burst: 100, reservedShare: 0 } };
    const counted = counting(elsewhere());
    const calls = Array.from({ length: 60 }, () => spendOne(counted.tables, of, limits, people));
    expect((await Promise.all(calls)).every(({ allowed }) => allowed)).toBe(true);
    expect(counted.count()).toBeLessThan(10);
  });

  it("is waited for until the deadline, where it is near", async () => {
    const of = owner();
    const now = () => new Date();
    await spentBy(tables, of, 100, { people: true, now });
    const deadline = new Date(Date.now() + 20_000);
    const late = await spendOne(tables, of, REQUESTS, { people: true, now, deadline });
    expect(late).toEqual({ allowed: true });
  });

  it("holds everybody after the vendor's refusal, and shows why", async () => {
    const of = owner();
    const other = elsewhere();
    await spendOne(other, of, REQUESTS, people);
    const headers = { "retry-after": "90", "ratelimit-reason": "jira-burst-based", secret: "x" };
    const until = await noteAnswer(tables, of, REQUESTS, { status: 429, headers }, at(0)());
    expect(until).toEqual(new Date(NOW + 90_000));

    const refused = { allowed: false, retryAfterSeconds: 91 };
    expect(await spendOne(tables, of, REQUESTS, people)).toEqual(refused);
    expect(await spendOne(other, of, REQUESTS, people)).toEqual(refused);
    const [bucket, limits] = [
      await findBudgetBucket(tables, "acme", of.endpointId),
      effectiveLimits({ ...LIMITS, maxPerRecordCalls: 1 }, null, {}),
    ];
    const shown = budgetLevel(of.endpointId, { limits, bucket }, at(0)());
    expect(shown.hold?.reason).toBe("jira-burst-based");
    expect(shown.reported?.headers).toEqual({
      "Retry-After": "90",
      "RateLimit-Reason": "jira-burst-based",
    });
    const after = { people: true, now: at(91_000) };
    expect(await spendOne(other, of, REQUESTS, after)).toEqual({ allowed: true });
    expect((await findBudgetBucket(tables, "acme", of.endpointId))?.pace).toBeLessThan(1_000_000);
  });

  it("holds nobody for one record that was written too often", async () => {
    const of = owner();
    const headers = { "retry-after": "90", "ratelimit-reason": "jira-per-issue-on-write" };
    const answer = { status: 429, headers };
    expect(await noteAnswer(tables, of, REQUESTS, answer, at(0)())).toBeUndefined();
    expect(await spendOne(tables, of, REQUESTS, people)).toEqual({ allowed: true });
  });

  it("writes what the vendor reports no oftener than every ten seconds", async () => {
    const of = owner();
    const counted = counting(elsewhere());
    const headers = { "x-ratelimit-remaining": "7" };
    for (const ms of [0, 1000, 9000, 11_000])
      await noteAnswer(counted.tables, of, REQUESTS, { status: 200, headers }, at(ms)());
    expect(counted.count()).toBe(2);
  });

  it("draws on the app's points, which all its endpoints share", async () => {
    const [one, two] = [owner(), owner()];
    const limits = { ...REQUESTS, points: { requestsPerSecond: 1, burst: 8, reservedShare: 0 } };
    const other = { ...two, connector: one.connector };
    const spend = (of: BudgetOwner, points: number) =>
      spendOne(tables, of, limits, { ...people, points });
    expect(await spend(one, 5)).toEqual({ allowed: true });
    expect(await spend(other, 4)).toEqual({ allowed: false, retryAfterSeconds: 2 });
    expect(await spend(other, 3)).toEqual({ allowed: true });

    const hold = { until: at(60_000)(), reason: "jira-quota-based", ofApp: true, slowDown: false };
    await holdUntil(tables, one, limits, hold, at(0)());
    expect(await spendOne(tables, other, limits, { people: true, now: at(30_000) })).toMatchObject({
      allowed: false,
    });
    expect(await spendOne(tables, other, REQUESTS, people)).toEqual({ allowed: true });
  });

  it("is a tenant's own", async () => {
    const of = owner();
    expect(await spentBy(tables, of, 100)).toBe(20);
    expect(await spentBy(tables, { ...of, tenantId: "other" }, 100)).toBe(20);
  });
});

describe("a budget that Python spends of, too", () => {
  const PYTHON = `
import json, sys, time
from datetime import UTC, datetime, timedelta
import boto3
from inlet_sdk.errors import RateLimitedError
from inlet_sdk.http.budget.limits import Limits
from inlet_sdk.http.budget.spender import Spender
from inlet_worker.host.table_bucket import TableBucket

order = json.loads(sys.argv[1])
bucket = TableBucket(boto3.client("dynamodb"), order["table"], order["pk"])
spender = Spender(bucket, Limits(*order["limits"].values()), people=True)
if order["do"] == "refuse":
    until = datetime.now(UTC) + timedelta(seconds=120)
    spender.refused(until, "http-429", slow_down=True)
if order["do"] == "try":
    try:
        spender.take()
        print("spent")
    except RateLimitedError as error:
        print("held", error.reason)
if order["do"] == "spend":
    print("ready", flush=True)
    sys.stdin.readline()
    spent, end = 0, time.monotonic() + order["seconds"]
    while time.monotonic() < end:
        spender.take()
        spent += 1
    spender.close()
    print("spent", spent)
print("done", flush=True)
`;
  const root = join(import.meta.dirname, "../../..");

  function python(of: BudgetOwner, order: Record<string, unknown>) {
    const place = { table: tables.hot, pk: `T#acme#E#${of.endpointId}`, limits: LIMITS };
    const child = spawn(
      join(root, ".venv/bin/python"),
      ["-c", PYTHON, JSON.stringify({ ...place, ...order })],
      {
        env: {
          ...process.env,
          AWS_DEFAULT_REGION: "eu-central-1",
          PYTHONPATH: join(root, "python-worker/src"),
        },
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    const lines: string[] = [];
    createInterface(child.stdout).on("line", (line) => lines.push(line));
    return { lines, go: () => child.stdin.end("\n"), over: once(child, "close") };
  }

  it("holds each after the refusal of the other", async () => {
    const [mine, theirs] = [owner(), owner()];
    const now = () => new Date();
    const until = new Date(Date.now() + 120_000);
    const hold = { until, reason: "jira-burst-based", ofApp: false, slowDown: true };
    await holdUntil(tables, mine, REQUESTS, hold, now());
    const trying = python(mine, { do: "try" });
    const refusing = python(theirs, { do: "refuse" });
    await Promise.all([trying.over, refusing.over]);

    expect(trying.lines).toEqual(["held jira-burst-based", "done"]);
    const check = await spendOne(tables, theirs, REQUESTS, { people: true, now });
    expect(check).toMatchObject({ allowed: false });
  });

  it("grants both together no more than the law allows, and each its part", async () => {
    const of = owner();
    const spending = python(of, { do: "spend", seconds: 3 });
    await expect.poll(() => spending.lines, { timeout: 30_000 }).toContain("ready");
    const begun = Date.now();
    spending.go();
    const now = () => new Date();
    let mine = 0;
    while (!spending.lines.includes("done")) {
      const deadline = new Date(Date.now() + 5_000);
      if ((await spendOne(tables, of, REQUESTS, { people: true, now, deadline })).allowed)
        mine += 1;
    }
    const seconds = (Date.now() - begun) / 1000;
    const theirs = Number(spending.lines.find((line) => line.startsWith("spent"))?.split(" ")[1]);
    expect(mine + theirs).toBeLessThanOrEqual(LIMITS.burst + LIMITS.requestsPerSecond * seconds);
    // How much each gets is the machine's business; that neither is shut out is ours.
    expect(Math.min(mine, theirs)).toBeGreaterThan(0);
  });
});

function counting(some: Tables): { tables: Tables; count: () => number } {
  let writes = 0;
  const send: Tables["client"]["send"] = ((command: object, ...rest: []) => {
    if (command.constructor.name === "UpdateCommand") writes += 1;
    return some.client.send(command as never, ...rest);
  }) as never;
  return { tables: { ...some, client: { send } as never }, count: () => writes };
}
