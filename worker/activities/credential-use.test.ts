import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { listAudit } from "../../adapters/dynamodb/journal/audit.ts";
import type { SinkRef, SourceRef } from "../../schemas/references.ts";
import { testTables } from "../../tests/stage/emulator.ts";
import { recordCredentialUse } from "./credential-use.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const credential = (ownerId: string, versionId: string) => ({
  secretId: "s",
  versionId,
  tenantId: "t",
  ownerId,
});
const source = (versionId: string) =>
  ({ endpointId: "ep", credential: credential("ep", versionId) }) as SourceRef;
const sink = { sinkId: "snk", credential: credential("snk", "v1") } as SinkRef;

const told = async (tenantId: string) => {
  const day = {
    from: new Date("2026-11-30T00:00:00Z"),
    to: new Date("2026-11-30T23:00:00Z"),
    limit: 50,
  };
  const { items } = await listAudit(tables, tenantId, day);
  return items.map(({ actor, action, subject, before, after }) => ({
    actor,
    action,
    subject,
    before,
    after,
  }));
};
const aRun = (tenantId: string) => ({
  tenantId,
  actor: "run/run_1",
  at: "2026-11-30T10:00:00.000Z",
});
const use = (subject: string, versionId: string) => {
  return {
    actor: "run/run_1",
    action: "credential.use",
    subject,
    before: null,
    after: { versionId },
  };
};

describe("credentials that a run is given", () => {
  it("are audited once each, by version and without a value, however often tried", async () => {
    for (let attempt = 0; attempt < 3; attempt++)
      await recordCredentialUse(tables, aRun("t1"), source("v1"), sink);
    const entries = await told("t1");
    expect(entries).toHaveLength(2);
    expect(entries).toEqual(
      expect.arrayContaining([use("endpoint/ep", "v1"), use("sink/snk", "v1")]),
    );
  });

  it("are audited again when they changed between two tries", async () => {
    for (const version of ["v1", "v2", "v1"])
      await recordCredentialUse(tables, aRun("t2"), source(version));
    expect((await told("t2")).map(({ after }) => after)).toHaveLength(2);
  });

  it("are told of each run for itself, and not at all where there are none", async () => {
    await recordCredentialUse(tables, aRun("t3"), { ...source("v1"), credential: null }, null);
    expect(await told("t3")).toEqual([]);
    await recordCredentialUse(tables, aRun("t3"), source("v1"));
    await recordCredentialUse(tables, { ...aRun("t3"), actor: "run/run_2" }, source("v1"));
    expect((await told("t3")).map(({ actor }) => actor).sort()).toEqual(["run/run_1", "run/run_2"]);
  });

  it("are audited of the sink that another one is written through, as its own", async () => {
    const model = { sinkId: "snk_cdm", type: "cdm", credential: null, through: sink } as SinkRef;
    await recordCredentialUse(tables, aRun("t4"), source("v1"), model);
    expect((await told("t4")).map(({ subject }) => subject).sort()).toEqual([
      "endpoint/ep",
      "sink/snk",
    ]);
  });

  it("leave the service only where their use is recorded", () => {
    const root = join(import.meta.dirname, "../..");
    const listed = execFileSync(
      "git",
      ["ls-files", "-co", "--exclude-standard", "worker", "functions", "adapters"],
      {
        cwd: root,
      },
    );
    const files = String(listed)
      .split("\n")
      .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
    const text = (path: string) => readFileSync(join(root, path), "utf8");
    const giving = files.filter((path) => /\b(sourceRef|sinkRef|gatherPlan)\(/.test(text(path)));
    const recording = giving.filter((path) => text(path).includes("recordCredentialUse("));
    const activities = (...names: string[]) => names.map((name) => `worker/activities/${name}.ts`);
    expect(recording).toEqual(
      activities(
        "list-maintained-tables",
        "start-collection",
        "start-ingestion-run",
        "start-probe",
      ),
    );
    expect(giving.filter((path) => !recording.includes(path))).toEqual(
      activities("references", "run-plan"),
    );
  });
});
