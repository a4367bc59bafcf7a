import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiClient } from "../../client/api-client.ts";
import { waitForRuns } from "../../local/main-job.ts";
import { readStack } from "../../local/stack-file.ts";
import { GetTenant } from "../../schemas/operations/tenants.ts";
import { GetTransform, PutTransform } from "../../schemas/operations/transforms.ts";
import { DiscardQuarantine, RedriveQuarantine } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import { admin, bearing, stranger } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { type Attempt, told, twinOf } from "./isolation/attempt.ts";
import { type Belongings, makeBelongings } from "./isolation/belongings.ts";
import { byCursor, type Sealed, sealedBy } from "./isolation/cursor-attempts.ts";
import { byArgument, graphqlGaps } from "./isolation/graphql-attempts.ts";
import { besideOwn, byId, byOwner, firsts, gaps, NAMING } from "./isolation/rest-attempts.ts";

const ATTEMPTS = 1_000;
const AT_ONCE = 6;
let site: Site;
let things: Belongings;
let sealed: Sealed[];
let attempts: Attempt[];

beforeAll(async () => {
  site = await aSite({ issues: 20 });
  things = await makeBelongings(site);
  sealed = await sealedBy(things.theirs);
  attempts = [
    ...byId(things),
    ...besideOwn(things),
    ...byCursor(sealed, things),
    ...byArgument(things.theirs),
  ];
});
afterAll(() => site.stop());

const platform = () => bearing(readStack().platformToken);

/** The answers to a thing and to its twin of nobody's, side by side. */
async function pairs(asked: readonly Attempt[], whose: (attempt: Attempt) => ApiClient) {
  const answered: { attempt: Attempt; theirs: string; nobodys: string }[] = [];
  // Things of a kind have one twin, which is asked once.
  const twins = new Map<string, Promise<string>>();
  const queue = asked.values();
  const ask = async () => {
    for (const attempt of queue) {
      const api = whose(attempt);
      const twin = twinOf(attempt);
      const key = JSON.stringify(twin);
      const nobodys = twins.get(key) ?? told(api, twin);
      twins.set(key, nobodys);
      answered.push({ attempt, theirs: await told(api, attempt), nobodys: await nobodys });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return answered;
}

const named = ({ operation, method, path, body }: Attempt) =>
  `${operation}: ${method} ${path} ${JSON.stringify(body)}`;

/** All of it that another could have changed. */
async function state(): Promise<string> {
  const { endpointId = [], unitId = [], sinkId = [], runId = [], tenantId = [] } = things.theirs;
  const units = endpointId.flatMap((e) => unitId.map((u) => `/endpoints/${e}/units/${u}`));
  const paths = [
    ...endpointId.flatMap((e) => [
      `/endpoints/${e}`,
      `/endpoints/${e}/units?limit=100`,
      `/runs?endpointId=${e}`,
    ]),
    ...endpointId.flatMap((e) => [`/audit?subject=endpoint/${e}`, `/audit?subject=unit/${e}/`]),
    ...units.map((unit) => `${unit}/checkpoint`),
    ...sinkId.map((s) => `/sinks/${s}`),
    ...runId.map((r) => `/runs/${r}`),
  ];
  const answers = await Promise.all(paths.map((path) => admin().send("GET", path)));
  const tenants = await Promise.all(
    tenantId.map((t) => platform().call(GetTenant, { path: { tenantId: t } })),
  );
  return JSON.stringify([
    answers.map(({ status, text }) => ({ status, text })),
    tenants.map(withoutUsage),
  ]);
}

/** What the owner's own schedules have at work at the moment is nobody's doing. */
const withoutUsage = (tenant: object) => ({ ...tenant, usage: null });

describe("another tenant", () => {
  it("is tried on every operation and every GraphQL field that takes an id", () => {
    expect(gaps(things.theirs)).toEqual([]);
    expect(graphqlGaps(things.theirs)).toEqual([]);
    const tried = new Set(attempts.map(({ operation }) => operation));
    expect(NAMING.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([]);
    expect(sealed.length).toBeGreaterThanOrEqual(5);
  });

  it("gets for another's things, 1,000 times, what it gets for nobody's", async () => {
    const before = await state();
    const answered = await pairs(attempts, () => stranger());
    const differing = answered.filter(({ theirs, nobodys }) => theirs !== nobodys);
    expect(
      differing.map(({ attempt, theirs, nobodys }) => ({ asked: named(attempt), theirs, nobodys })),
    ).toEqual([]);
    expect(answered.length).toBeGreaterThanOrEqual(ATTEMPTS);
    expect(await state()).toBe(before);
  }, 600_000);

  it("uses a key that another used as a new one", async () => {
    const [endpointId, unitId] = [things.own.endpointId?.[0], things.own.unitId?.[0]];
    const headers = { "idempotency-key": things.usedKey };
    const answer = await stranger().send("POST", "/runs", { endpointId, unitId }, headers);
    expect(answer.status).toBe(202);
    for (const id of things.theirs.runId ?? []) expect(answer.text).not.toContain(id);
    const run = JSON.parse(answer.text) as Run;
    expect(run).toMatchObject({ endpointId, unitId, tenantId: "other" });
    await waitForRuns(stranger(), [run]);
  });

  it("puts a transform of its own under the name of another's", async () => {
    const path = { transformName: things.theirs.transformName?.[0] ?? "" };
    const theirs = await admin().call(GetTransform, { path });
    const body = { expression: "'own'" };
    const own = await stranger().call(PutTransform, { path, body });
    expect(own).toMatchObject({ tenantId: "other", version: 1 });
    expect(await admin().call(GetTransform, { path })).toEqual(theirs);
  });

  it.each([
    ["redrives", RedriveQuarantine],
    ["discards", DiscardQuarantine],
  ])("%s nothing of another's run", async (_, operation) => {
    const [endpointId = "", unitId = ""] = [things.own.endpointId?.[0], things.own.unitId?.[0]];
    const started = await stranger().call(operation, {
      path: { endpointId, unitId },
      body: { runId: things.theirs.runId?.[0] },
    });
    const [run] = await waitForRuns(stranger(), [started]);
    expect(run).toMatchObject({ tenantId: "other", stats: { read: 0, landed: 0, quarantined: 0 } });
  });
});

describe("the owner, with the same requests,", () => {
  it("is answered otherwise, by every operation", async () => {
    const asked = byOwner(things);
    const platforms = new Set(NAMING.filter(({ role }) => role === "platform").map(({ id }) => id));
    const answered = await pairs(asked, ({ operation }) =>
      platforms.has(operation) ? platform() : admin(),
    );
    const same = answered.filter(({ theirs, nobodys }) => theirs === nobodys);
    expect(same.map(({ attempt, theirs }) => ({ asked: named(attempt), theirs }))).toEqual([]);
    expect(new Set(asked.map(({ operation }) => operation))).toEqual(
      new Set(NAMING.map(({ id }) => id)),
    );
  });

  it("is answered otherwise, by every GraphQL field", async () => {
    const asked = [
      ...byArgument(firsts(things.theirs), "query"),
      ...byArgument(things.harmless, "mutation"),
    ];
    const answered = await pairs(asked, () => admin());
    const same = answered.filter(({ theirs, nobodys }) => theirs === nobodys);
    expect(same.map(({ attempt, theirs }) => ({ asked: named(attempt), theirs }))).toEqual([]);
  });

  it("goes on with its own cursors", async () => {
    for (const { path, cursor } of sealed) {
      expect((await admin().send("GET", `${path}&cursor=${cursor}`)).status).toBe(200);
    }
  });
});
