import { ulid } from "ulid";
import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { readUsage } from "../tenants/usage.ts";
import { findUnitState } from "../units/state-store.ts";
import { requestCancel } from "./cancel.ts";
import { type QueueRunRequest, queueRun } from "./queue.ts";
import { findRun, listRuns, type RunFilter } from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

function aRequest(changes: Partial<QueueRunRequest> = {}): QueueRunRequest {
  return {
    tenantId: "t1",
    endpointId: "ep_1",
    unitId: "jira.issues",
    trigger: "MANUAL",
    runId: `run_${ulid()}`,
    mode: "INCREMENTAL",
    sinkId: "snk_1",
    connector: "jira",
    actor: "anna",
    now: new Date(),
    ...changes,
  };
}

describe("queueRun", () => {
  it("starts no more units of a tenant than may run, however many ask at once", async () => {
    const units = Array.from({ length: 20 }, (_, n) => `unit.${n}`);
    const limited = { tenantId: "limited", runningLimit: 5 };
    const outcomes = await Promise.allSettled(
      units.map((unitId) => queueRun(tables, aRequest({ ...limited, unitId }))),
    );
    const refused = outcomes.filter((o) => o.status === "rejected").map((o) => o.reason.code);
    expect(refused).toEqual(Array(15).fill("QUOTA_EXCEEDED"));
    expect((await readUsage(tables, "limited", new Date())).runningUnits).toBe(5);
    expect((await listRuns(tables, "limited", { limit: 100 })).items).toHaveLength(5);
  });

  it("starts one of twenty concurrent runs, and the others name it", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => queueRun(tables, aRequest())),
    );
    const started = outcomes.filter((o) => o.status === "fulfilled");
    const refused = outcomes.filter((o) => o.status === "rejected").map((o) => o.reason);
    expect(started).toHaveLength(1);
    const { runId, epoch } = (
      started[0] as PromiseFulfilledResult<{ runId: string; epoch: number }>
    ).value;
    expect(refused.map((r) => [r.code, r.details.runId])).toEqual(
      Array(19).fill(["RUN_ACTIVE", runId]),
    );
    expect(await findUnitState(tables, "t1", "ep_1", "jira.issues")).toMatchObject({
      lease: { state: "QUEUED", runId },
      epoch,
    });
    expect((await listRuns(tables, "t1", { limit: 10 })).items.map((r) => r.runId)).toEqual([
      runId,
    ]);
  });

  it("answers twenty equal runs to one idempotency key", async () => {
    const idempotency = { route: "POST /runs", key: "k1", requestHash: "h1" };
    const request = () => aRequest({ unitId: "jira.users", idempotency });
    const runs = await Promise.all(Array.from({ length: 20 }, () => queueRun(tables, request())));
    expect(new Set(runs.map((r) => JSON.stringify(r))).size).toBe(1);
    const other = { ...idempotency, requestHash: "h2" };
    await expect(
      queueRun(tables, aRequest({ unitId: "jira.users", idempotency: other })),
    ).rejects.toMatchObject({
      code: "IDEMPOTENCY_MISMATCH",
    });
    await expect(queueRun(tables, aRequest({ unitId: "jira.users" }))).rejects.toMatchObject({
      code: "RUN_ACTIVE",
    });
  });

  it("keeps tenants apart", async () => {
    const run = await queueRun(tables, aRequest({ tenantId: "t2" }));
    expect(await findRun(tables, "t1", run.runId)).toBeUndefined();
    expect((await listRuns(tables, "t2", { limit: 10 })).items).toHaveLength(1);
  });
});

describe("requestCancel", () => {
  it("marks the run once and answers the same when asked again", async () => {
    const { runId } = await queueRun(tables, aRequest({ unitId: "jira.projects" }));
    const first = await requestCancel(tables, "t1", runId, "anna", new Date());
    expect(first).toMatchObject({ runId, cancelRequested: true, status: "QUEUED" });
    expect(await requestCancel(tables, "t1", runId, "anna", new Date())).toEqual(first);
  });

  it("does not know another tenant's run", async () => {
    const { runId } = await queueRun(tables, aRequest({ unitId: "jira.comments" }));
    await expect(requestCancel(tables, "t2", runId, "eve", new Date())).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("listRuns", () => {
  it("pages through filtered runs without losing or repeating one", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const now = new Date(Date.UTC(2026, 0, 1, 0, n));
      ids.unshift(
        (await queueRun(tables, aRequest({ tenantId: "t3", unitId: `u${n}`, now }))).runId,
      );
    }
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await listRuns(tables, "t3", {
        endpointId: "ep_1",
        statuses: ["QUEUED"],
        limit: 2,
        after,
      });
      seen.push(...page.items.map((r) => r.runId));
      after = page.next ?? undefined;
    } while (after);
    expect(seen).toEqual(ids);
    expect(
      (await listRuns(tables, "t3", { endpointId: "ep_1", unitId: "u3", limit: 2 })).items,
    ).toHaveLength(1);
  });

  it("shows the runs of several statuses since an instant, page by page", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) {
      const now = new Date(Date.UTC(2026, 0, 1, 0, n));
      ids.unshift(
        (await queueRun(tables, aRequest({ tenantId: "t4", unitId: `u${n}`, now }))).runId,
      );
    }
    const pages = async (filter: Omit<RunFilter, "limit">) => {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await listRuns(tables, "t4", { ...filter, limit: 2, after });
        seen.push(...page.items.map(({ runId }) => runId));
        after = page.next ?? undefined;
      } while (after);
      return seen;
    };
    const since = new Date(Date.UTC(2026, 0, 1, 0, 2));
    expect(await pages({ since })).toEqual(ids.slice(0, 4));
    expect(await pages({ since, statuses: ["FAILED", "QUEUED"] })).toEqual(ids.slice(0, 4));
    expect(await pages({ since, statuses: ["FAILED", "PARTIAL"] })).toEqual([]);
    expect(await pages({ since: new Date(since.getTime() + 1), endpointId: "ep_1" })).toEqual(
      ids.slice(0, 3),
    );
    expect(await pages({ since, endpointId: "ep_1", unitId: "u4" })).toEqual([ids[1]]);
  });
});
