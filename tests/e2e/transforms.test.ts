/**
 * What a unit's transform makes of its rows: a query of the tenant's, and a function of a package
 * that is installed in the worker. The worker is another one from here on (`stage/stack/tools.ts`).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { PutUnitConfig } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import { aCollectedEndpoint, aName, runUnit } from "../stage/stack/endpoint.ts";
import { landedRows, landedTables } from "../stage/stack/lake.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { withTools } from "../stage/stack/tools.ts";

const ISSUES = 30;
/** The first time in a checkout, the tools come from the registry. */
const INSTALL_WITHIN_MILLIS = 600_000;

describe("a unit whose policy has a transform", () => {
  let site: Site;
  let endpoint: Endpoint;
  beforeAll(async () => {
    await withTools();
    site = await aSite({ issues: ISSUES });
    endpoint = await aCollectedEndpoint(site, aName("transforms"));
  }, INSTALL_WITHIN_MILLIS);
  afterAll(() => site.stop());

  async function runWith(unit: string, transform: Record<string, unknown>): Promise<Run> {
    const path = { endpointId: endpoint.endpointId, unitId: `jira.${unit}` };
    await admin().call(PutUnitConfig, { path, body: { enabled: true, policy: { transform } } });
    return runUnit(endpoint, path.unitId);
  }

  /** Rows of a table, each with the record that the vendor sent. */
  async function landed(table: string, ...columns: string[]) {
    const rows = await landedRows(endpoint, table, [...columns, "_raw"]);
    return rows.map(({ _raw, ...row }) => ({ row, record: JSON.parse(String(_raw)) }));
  }

  it("lands what a query of the tenant's makes of the rows, once", async () => {
    const sql = "SELECT *, 'issue ' || key AS named FROM rows";
    const run = await runWith("issues", { tool: "duckdb", sql });
    expect(run).toMatchObject({ status: "COMPLETE", stats: { filtered: 0, quarantined: 0 } });

    const rows = await landed("issues", "id", "named");
    expect(rows.map(({ row }) => row.id).sort()).toEqual(await site.ids("issues"));
    for (const { row, record } of rows) expect(row.named).toBe(`issue ${record.key}`);
    expect(await runUnit(endpoint, "jira.issues")).toMatchObject({
      status: "COMPLETE",
      stats: { landed: 0 },
    });
  });

  it("lands what a function of an installed package makes of them", async () => {
    const run = await runWith("projects", {
      tool: "pandas",
      function: "acme_transforms.projects:named",
    });
    expect(run).toMatchObject({ status: "COMPLETE", stats: { filtered: 0, quarantined: 0 } });

    const rows = await landed("projects", "id", "title");
    expect(rows.map(({ row }) => row.id).sort()).toEqual(await site.ids("projects"));
    for (const { row, record } of rows) expect(row.title).toBe(`${record.key}: ${record.name}`);
  });

  it("lands nothing of a query that reaches for a file, and asks the source nothing", async () => {
    const asked = site.requests();
    const sql = "SELECT accountId, content FROM rows, read_text('/etc/hostname')";
    const run = await runWith("users", { tool: "duckdb", sql });
    expect(run).toMatchObject({ status: "FAILED", error: { code: "CONFIG_INVALID" } });
    expect(run.error?.message).toContain("read_text");
    expect(Object.keys(await landedTables(endpoint))).not.toContain("users");
    expect(site.requests()).toBe(asked);
  });
});
