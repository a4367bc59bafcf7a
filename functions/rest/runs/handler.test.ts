import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { artifactItem, runItem } from "../../../adapters/dynamodb/runs/items.ts";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { Artifact } from "../../../schemas/artifact.ts";
import type { Run } from "../../../schemas/run.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { testS3 } from "../../../tests/stage/emulator.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler as runs } from "./handler.ts";

const call = caller(runs);
const config = { baseUrl: "https://shop.example" };
const unitId = "shop.orders";

let tables: Tables;
let endpointId: string;
beforeAll(async () => {
  tables = await startControlPlane();
  endpointId = await anEndpoint("Runs");
});

async function anEndpoint(name: string): Promise<string> {
  const { body } = await caller(endpoints)("POST", "/endpoints", {
    body: { name, connector: "shop", config },
  });
  await collected(tables, ADMIN.tenantId, body.endpointId, ["shop.orders", "shop.customers"]);
  return body.endpointId;
}

describe("POST /runs", () => {
  it("runs an unconfigured unit by defaults, into the default sink, once at a time", async () => {
    const started = await call("POST", "/runs", { body: { endpointId, unitId } });
    const [sink] = (await caller(sinks)("GET", "/sinks")).body.items;
    expect(started).toMatchObject({
      status: 202,
      body: { status: "QUEUED", mode: "INCREMENTAL", sinkId: sink.sinkId },
    });
    expect(started.headers.location).toBe(`/runs/${started.body.runId}`);

    const second = await call("POST", "/runs", { body: { endpointId, unitId } });
    expect(second).toMatchObject({
      status: 409,
      body: { code: "RUN_ACTIVE", details: { runId: started.body.runId } },
    });
    expect((await call("GET", `/runs/${started.body.runId}`)).body).toEqual(started.body);

    const status = await caller(endpoints)(
      "GET",
      `/endpoints/${endpointId}/units/${unitId}/status`,
    );
    expect(status.body).toMatchObject({ status: "QUEUED", runId: started.body.runId });
    const reset = await caller(endpoints)("POST", `/endpoints/${endpointId}/units/${unitId}/reset`);
    expect(reset.body.code).toBe("RUN_ACTIVE");
  });

  it("lists those of several statuses since an instant", async () => {
    const asked = (since: string, status: string) =>
      call("GET", `/runs?${new URLSearchParams({ endpointId, since, status })}`);
    const listed = await asked("2020-01-01T00:00:00+02:00", "FAILED,QUEUED");
    expect(listed.body.items).toMatchObject([{ status: "QUEUED" }]);
    expect((await asked("9999-12-31T23:59:59Z", "QUEUED")).body.items).toEqual([]);
    expect((await asked("2020-01-01T00:00:00Z", "FAILED,PARTIAL")).body.items).toEqual([]);
    const refused = await asked("yesterday", "FAILED,GREEN");
    expect(refused).toMatchObject({ status: 400, body: { code: "VALIDATION_ERROR" } });
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      "query.status",
      "query.since",
    ]);
  });

  it("ends a page when much was read and nothing of it fits, and goes on from there", async () => {
    const as = { tenantId: "long", roles: ["viewer" as const] };
    const put = (minute: number, changes: Partial<Run>) => {
      const at = new Date(Date.parse("2026-06-01T10:00:00Z") + minute * 60_000).toISOString();
      const run = {
        runId: `run_${minute}`,
        tenantId: "long",
        endpointId: "ep_1",
        unitId,
        connector: "shop",
        sinkId: "kb",
        mode: "FULL",
        trigger: "MANUAL",
        status: "COMPLETE",
        waiting: null,
        epoch: 7,
        progress: null,
        queuedAt: at,
        startedAt: at,
        finishedAt: at,
        stats: NO_STATS,
        evidence: [],
        error: null,
        cancelRequested: false,
        replayOf: null,
        redrive: null,
        refill: null,
        retainStagingDays: null,
        ...changes,
      };
      return tables.client.send(
        new PutCommand({ TableName: tables.control, Item: runItem(run as Run) }),
      );
    };
    await put(0, { status: "FAILED" });
    const evidence = [{ code: "X", message: "x".repeat(380_000), weight: "against" as const }];
    for (let minute = 1; minute < 36; minute++)
      await put(minute, { evidence } as unknown as Partial<Run>);

    const pages = [(await call("GET", "/runs?status=FAILED", { as })).body];
    for (let page = pages[0]; page.nextCursor !== null; pages.push(page)) {
      page = (await call("GET", `/runs?status=FAILED&cursor=${page.nextCursor}`, { as })).body;
    }
    expect(pages[0]).toEqual({ items: [], nextCursor: expect.any(String) });
    expect(pages.flatMap(({ items }) => items)).toMatchObject([{ runId: "run_0" }]);
  });

  it("gives twenty equal requests with one key one run and twenty equal answers", async () => {
    const own = await anEndpoint("Twenty");
    const send = () =>
      call("POST", "/runs", {
        body: { endpointId: own, unitId },
        headers: { "Idempotency-Key": "k-20" },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveLength(1);
    const body = { endpointId: own, unitId: "shop.customers" };
    const other = await call("POST", "/runs", { body, headers: { "Idempotency-Key": "k-20" } });
    expect(other).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_MISMATCH" } });
  });

  it("refuses endpoints that are disabled, uncollected or foreign, and unknown units", async () => {
    const disabled = await anEndpoint("Disabled");
    const patch = { body: { enabled: false }, headers: { "if-match": '"1"' } };
    await caller(endpoints)("PATCH", `/endpoints/${disabled}`, patch);
    const { body: fresh } = await caller(endpoints)("POST", "/endpoints", {
      body: { name: "Fresh", connector: "shop", config },
    });
    const code = async (body: object, as = ADMIN) =>
      (await call("POST", "/runs", { body, as })).body.code;
    expect(await code({ endpointId: disabled, unitId })).toBe("ENDPOINT_DISABLED");
    expect(await code({ endpointId, unitId: "shop.nothing" })).toBe("UNIT_UNKNOWN");
    expect(await code({ endpointId: fresh.endpointId, unitId })).toBe("NOT_COLLECTED");
    expect(await code({ endpointId, unitId }, STRANGER)).toBe("NOT_FOUND");
  });
});

describe("runs", () => {
  it("are listed newest first by endpoint, page by page, and asked to stop once", async () => {
    const own = await anEndpoint("Listed");
    const first = (await call("POST", "/runs", { body: { endpointId: own, unitId } })).body;
    const second = (
      await call("POST", "/runs", { body: { endpointId: own, unitId: "shop.customers" } })
    ).body;
    const page = (await call("GET", `/runs?endpointId=${own}&limit=1`)).body;
    const rest = (await call("GET", `/runs?endpointId=${own}&limit=1&cursor=${page.nextCursor}`))
      .body;
    const ids = [...page.items, ...rest.items].map(({ runId }: { runId: string }) => runId);
    expect(ids).toEqual([second.runId, first.runId]);

    const stopped = await call("POST", `/runs/${first.runId}/cancel`);
    expect(stopped).toMatchObject({ status: 202, body: { cancelRequested: true } });
    expect((await call("GET", `/runs/${first.runId}`, { as: STRANGER })).body.code).toBe(
      "NOT_FOUND",
    );
    expect((await call("GET", "/runs", { as: STRANGER })).body.items).toEqual([]);
  });
});

describe("artifacts", () => {
  const anArtifact = (changes: Partial<Artifact>): Artifact => ({
    artifactId: "art_1",
    runId: "run_1",
    endpointId,
    unitId,
    sinkId: "snk_1",
    location: "",
    snapshotId: null,
    commitId: "run_1/0",
    rows: 2,
    bytes: 5,
    schemaHash: null,
    createdAt: "2026-11-21T10:00:00.000Z",
    ...changes,
  });
  const put = (artifact: Artifact) =>
    tables.client.send(
      new PutCommand({ TableName: tables.control, Item: artifactItem(ADMIN.tenantId, artifact) }),
    );

  it("of files are downloaded by links that work", async () => {
    const Bucket = process.env.INLET_LAKE_BUCKET ?? "";
    const prefix = "files/acme/shop/orders/run=run 1+ä/";
    await testS3().send(
      new PutObjectCommand({ Bucket, Key: `${prefix}part-0.parquet`, Body: "hello" }),
    );
    await put(anArtifact({ location: `s3://${Bucket}/${prefix}` }));
    const { status, body } = await call("GET", "/artifacts/art_1/download");
    expect(status).toBe(200);
    expect(body.files).toMatchObject([{ name: "part-0.parquet", bytes: 5 }]);
    expect(await (await fetch(body.files[0].url)).text()).toBe("hello");
    expect((await call("GET", "/artifacts/art_1", { as: STRANGER })).status).toBe(404);
  });

  it("that a killed attempt left beside a commit are not linked", async () => {
    const Bucket = process.env.INLET_LAKE_BUCKET ?? "";
    const object = (Key: string, Body: string) =>
      testS3().send(new PutObjectCommand({ Bucket, Key, Body }));
    const entry = (directory: string, commit_id: string) =>
      JSON.stringify({
        files: [{ key: `shop/orders/${directory}/b/0.parquet` }],
        receipt: { commit_id },
      });
    const table = "files/acme/shop/orders";
    for (const directory of ["run=r5-0", "snapshot=r6", "snapshot=r7"]) {
      for (const attempt of ["a", "b"])
        await object(`${table}/${directory}/${attempt}/0.parquet`, attempt);
    }
    await object(`${table}/run=r5-0/_manifest.json`, entry("run=r5-0", "r5/0"));
    await object(`${table}/_current.json`, `{"commits": [${entry("snapshot=r6", "r6/0")}]}`);

    const named = async (artifactId: string, directory: string, commitId: string) => {
      await put(
        anArtifact({ artifactId, commitId, location: `s3://${Bucket}/${table}/${directory}` }),
      );
      const { body } = await call("GET", `/artifacts/${artifactId}/download`);
      return body.files.map(({ name }: { name: string }) => name);
    };
    expect(await named("art_5", "run=r5-0", "r5/0")).toEqual(["b/0.parquet"]);
    expect(await named("art_6", "snapshot=r6", "r6/0")).toEqual(["b/0.parquet"]);
    // Nothing remembers the commit: all that is there.
    expect(await named("art_7", "snapshot=r7", "r7/0")).toEqual(["a/0.parquet", "b/0.parquet"]);
  });

  it("that lie with another tenant are never linked", async () => {
    const location = `s3://${process.env.INLET_LAKE_BUCKET}/files/other/shop/orders/run=1/`;
    await put(anArtifact({ artifactId: "art_3", location }));
    expect(await call("GET", "/artifacts/art_3/download")).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });
  });

  it("that keep no list of files are refused with their place", async () => {
    await put(anArtifact({ artifactId: "art_2", location: "shop.orders", snapshotId: "7" }));
    const { status, body } = await call("GET", "/artifacts/art_2/download");
    expect([status, body.code]).toEqual([409, "CONFLICT"]);
    expect(body.detail).toContain("shop.orders");
  });

  describe("with a list of files", () => {
    const lake = () => process.env.INLET_LAKE_BUCKET ?? "";
    const object = (Bucket: string, Key: string, Body: string) =>
      testS3().send(new PutObjectCommand({ Bucket, Key, Body }));
    const listed = async (
      artifactId: string,
      pages: readonly (readonly string[])[],
      folder = `s3://${lake()}/lake/acme/shop/orders/data`,
    ) => {
      const commitId = `${artifactId}/0`;
      const prefix = `artifacts/${ADMIN.tenantId}/${endpointId}/${commitId}`;
      for (const [at, names] of pages.entries()) {
        const files = names.map((name) => {
          return { location: `${folder}/${name}`, rows: 1, bytes: name.length, sha256: null };
        });
        const page = JSON.stringify({ files, more: at + 1 < pages.length });
        const key = `${prefix}/${String(at).padStart(6, "0")}.json`;
        await object(process.env.INLET_STAGING_BUCKET ?? "", key, page);
      }
      const files = pages.flat().length;
      await put(
        anArtifact({ artifactId, commitId, location: "shop.orders", snapshotId: "7", files }),
      );
    };
    const download = (artifactId: string, query = "") =>
      call("GET", `/artifacts/${artifactId}/download${query}`);

    it("are downloaded page by page, each file once", async () => {
      const names = ["a", "b", "c", "d", "e"].map((name) => `${name}.parquet`);
      for (const name of names) await object(lake(), `lake/acme/shop/orders/data/${name}`, name);
      await listed("art_10", [names.slice(0, 3), names.slice(3)]);

      const found: string[] = [];
      let cursor = "";
      do {
        const { status, body } = await download("art_10", `?limit=2${cursor}`);
        expect(status).toBe(200);
        expect(body.files.length).toBeLessThanOrEqual(2);
        for (const { url } of body.files) found.push(await (await fetch(url)).text());
        cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
      } while (cursor !== "");
      expect(found).toEqual(names);
    });

    it("that were compacted or expired since are gone", async () => {
      await listed("art_11", [["gone.parquet"]]);
      expect(await download("art_11")).toMatchObject({
        status: 410,
        body: { code: "ARTIFACT_GONE" },
      });
    });

    it.each([
      ["another tenant", "art_12", () => `s3://${lake()}/lake/other/shop`],
      ["a tenant whose name begins alike", "art_13", () => `s3://${lake()}/lake/acme2/shop`],
      ["a bucket of the tenant's own", "art_14", () => "s3://acme-lake/inlet/shop"],
      ["HDFS", "art_15", () => "https://knox.acme.example/webhdfs/v1/data/shop"],
    ])("that lie with %s are refused with their place", async (_, artifactId, folder) => {
      await listed(artifactId, [["x.parquet"]], folder());
      const { status, body } = await download(artifactId);
      expect([status, body.code]).toEqual([409, "CONFLICT"]);
      expect(body.detail).toContain(`${folder()}/x.parquet`);
    });

    it("of a commit that wrote none are an empty page", async () => {
      await listed("art_16", []);
      expect((await download("art_16")).body).toMatchObject({ files: [], nextCursor: null });
    });
  });

  it("of a run are listed page by page", async () => {
    const { body: run } = await call("GET", "/runs?limit=1");
    const { runId } = run.items[0];
    for (const slice of [0, 1, 2]) {
      const commitId = `${runId}/${slice}`;
      await put(anArtifact({ artifactId: `art_${runId}_${slice}`, runId, commitId }));
    }

    const found: string[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `/runs/${runId}/artifacts?limit=2${cursor}`);
      found.push(...body.items.map(({ artifactId }: { artifactId: string }) => artifactId));
      cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
    } while (cursor !== "");
    expect(found).toEqual([0, 1, 2].map((slice) => `art_${runId}_${slice}`));
  });
});
