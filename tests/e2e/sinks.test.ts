/**
 * Units of one endpoint that land in every kind of sink that a stack on one machine has: a
 * database, the lake, files, and the Common Data Model through two of them. Each is read as its
 * consumer does.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureSink, startRun, waitForRuns } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Problem } from "../../schemas/error.ts";
import { CreateSink } from "../../schemas/operations/sinks.ts";
import { PutUnitConfig } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitConfigInput } from "../../schemas/unit-config.ts";
import { artifactsOf, downloaded } from "../stage/stack/artifacts.ts";
import { aCollectedEndpoint, aName } from "../stage/stack/endpoint.ts";
import { compareWithTruth, EXACT, landedRows } from "../stage/stack/lake.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";

const UNITS = ["issues", "comments", "worklogs", "users", "projects"] as const;
type Unit = (typeof UNITS)[number];
type Runs = Record<Unit, Run>;
const TOUCHED = 3;
const PARQUET = "PAR1";
/** Jira's feed of work logs names none of the newest minute. */
const HELD_BACK_MILLIS = 10 * 60_000;

describe("an endpoint whose units land in different sinks", () => {
  const folder = mkdtempSync(join(tmpdir(), "inlet-sqlite-"));
  const file = join(folder, "consumer.db");
  let site: Site;
  let endpoint: Endpoint;
  let runs: Runs;
  beforeAll(async () => {
    site = await aSite({ issues: 40 });
    endpoint = await aCollectedEndpoint(site, aName("sinks"));
    await configure();
    runs = await runAll();
  });
  afterAll(async () => {
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function configure(): Promise<void> {
    const lake = (await ensureSink(admin())).sinkId;
    const database = await aSink("jdbc", { dialect: "sqlite", path: file });
    const merged = { mode: "SCD1", enabled: true } as const;
    const deletes = { deletes: "soft", censusEveryHours: 0 };
    await put("issues", { ...merged, sinkId: database, policy: deletes });
    await put("comments", { ...merged, sinkId: lake });
    await put("worklogs", { ...merged, sinkId: await aSink("cdm", { through: database }) });
    await put("users", { enabled: true, sinkId: await aSink("cdm", { through: lake }) });
    const policy = { deletes: "ignore" };
    await put("projects", { enabled: true, sinkId: await aSink("files.parquet", {}), policy });
  }

  async function aSink(type: string, config: Record<string, unknown>): Promise<string> {
    const body = { name: aName("sink"), type, config };
    return (await admin().call(CreateSink, { body })).sinkId;
  }

  const path = (unit: Unit) => {
    return { endpointId: endpoint.endpointId, unitId: `jira.${unit}` };
  };
  const put = (unit: Unit, body: UnitConfigInput) =>
    admin().call(PutUnitConfig, { path: path(unit), body });

  /** One run of each unit, side by side. */
  async function runAll(): Promise<Runs> {
    const started = await Promise.all(UNITS.map((unit) => startRun(admin(), path(unit))));
    const ended = await waitForRuns(admin(), started);
    return Object.fromEntries(UNITS.map((unit, at) => [unit, ended[at]])) as Runs;
  }

  function rowsOf(table: string, ...columns: string[]): Record<string, unknown>[] {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const selected = columns.map((name) => `"${name}"`).join(", ");
      const where = '"_deleted_at" IS NULL ORDER BY "id"';
      const from = `"${endpoint.slug}__${table}"`;
      return database.prepare(`SELECT ${selected} FROM ${from} WHERE ${where}`).all();
    } finally {
      database.close();
    }
  }

  const ids = (rows: readonly Record<string, unknown>[]) => rows.map(({ id }) => String(id)).sort();

  it("lands all of it in each, once", async () => {
    for (const unit of UNITS) expect(runs[unit], unit).toMatchObject({ status: "COMPLETE" });
    expect(ids(rowsOf("issues", "id"))).toEqual(await site.ids("issues"));
    expect(ids(rowsOf("work_log", "id"))).toEqual(await site.ids("worklogs"));
    expect(ids(await landedRows(endpoint, "person", ["id"]))).toEqual(await site.ids("users"));
    expect(await compareWithTruth(endpoint, site, ["comments"])).toMatchObject([EXACT]);
    expect(runs.projects.stats.landed).toBe((await site.ids("projects")).length);
  });

  it("says of each record of the model whose it is", async () => {
    const origin = { source_system: "jira", source_endpoint: endpoint.slug };
    const columns = ["id", "source_system", "source_endpoint"];
    for (const row of rowsOf("work_log", ...columns)) expect(row).toMatchObject(origin);
    for (const row of await landedRows(endpoint, "person", columns))
      expect(row).toMatchObject(origin);
  });

  it("hands out the files of every sink that keeps some, a page at a time", async () => {
    for (const unit of ["comments", "users", "projects"] as const) {
      const artifacts = await artifactsOf(runs[unit]);
      const files = (await Promise.all(artifacts.map(downloaded))).flatMap((one) => [...one]);
      const listed = artifacts.reduce((sum, { files: count }) => sum + (count ?? 0), 0);
      expect([unit, files.length]).toEqual([unit, listed]);
      expect(files.length).toBeGreaterThan(0);
      for (const [, body] of files) expect(body.subarray(0, 4).toString()).toBe(PARQUET);
    }
  });

  it("merges what changes, and proves what is gone, in each merging sink", async () => {
    const gone = await untalkedIssue();
    const keys = rowsOf("issues", "key").map(({ key }) => String(key));
    const touched = keys.filter((key) => key !== gone).slice(0, TOUCHED);
    const [issueKey] = touched;
    await site.control("delete", { keys: [gone] });
    await site.control("worklog", { issueKey, at: Date.now() - HELD_BACK_MILLIS });
    await site.control("touch", { keys: touched });
    await site.control("comment", { issueKey });

    runs = await runAll();
    expect(runs.issues.stats).toMatchObject({ landed: TOUCHED, deleted: 1 });
    expect(runs.comments.stats.landed).toBe(1);
    expect(runs.worklogs.stats.landed).toBe(1);
    expect(runs.users.stats.landed).toBe(0);
    expect(ids(rowsOf("issues", "id"))).toEqual(await site.ids("issues"));
    expect(ids(rowsOf("work_log", "id"))).toEqual(await site.ids("worklogs"));
    expect(await compareWithTruth(endpoint, site, ["comments"])).toMatchObject([EXACT]);
  });

  it("keeps no files of a database, and says where the rows are", async () => {
    const artifacts = await artifactsOf(runs.issues);
    expect(artifacts).toHaveLength(2);
    for (const { artifactId, location } of artifacts) {
      const answer = await admin().send("GET", `/artifacts/${artifactId}/download`);
      expect(answer.status).toBe(409);
      expect((JSON.parse(answer.text) as Problem).detail).toContain(location);
    }
  });

  it("refuses a transform where the columns are the model's, with what to do", async () => {
    const policy = { transform: { tool: "duckdb", sql: "SELECT * FROM rows" } };
    const { endpointId, unitId } = path("users");
    const answer = await admin().send(
      "PUT",
      `/endpoints/${endpointId}/units/${unitId}/config`,
      { policy },
      { "if-match": "*" },
    );
    expect(answer.status).toBe(400);
    const [fault] = (JSON.parse(answer.text) as Problem).errors ?? [];
    expect(fault).toEqual({
      path: "policy.transform",
      message: expect.stringContaining("another sink"),
    });
  });

  /** The key of an issue without comments and work logs: what goes with them is another test's. */
  async function untalkedIssue(): Promise<string> {
    const talked = new Set([
      ...(await landedRows(endpoint, "comments", ["issueId"])).map(({ issueId }) => issueId),
      ...rowsOf("work_log", "work_item_id").map(({ work_item_id }) => work_item_id),
    ]);
    const found = rowsOf("issues", "id", "key").find(({ id }) => !talked.has(id));
    if (!found) throw new Error("Every issue of the site has comments or work logs.");
    return String(found.key);
  }
});
