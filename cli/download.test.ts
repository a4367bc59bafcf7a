import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiUrl, asked, home, inlet, replies } from "./command-under-test.ts";

describe("artifacts download", () => {
  const artifact = "art_run_1_0";
  const text = "PAR1 rows PAR1";
  const sum = createHash("sha256").update(text).digest("hex");
  const link = (name: string, more: object = {}) => ({
    name,
    bytes: text.length,
    url: `${apiUrl}/f/${name}`,
    ...more,
  });
  const file = (headers: Record<string, string> = { "x-amz-meta-sha256": sum }, body = text) => [
    { status: 200, headers, raw: body },
  ];
  const offer = (files: object[]) => {
    const body = { artifactId: artifact, expiresAt: "2026-11-21T06:00:00Z", files };
    replies[`GET /v1/artifacts/${artifact}/download`] = [{ status: 200, body }];
  };

  it("writes each file, checked, and says where; the links carry no token", async () => {
    offer([link("a/000000.parquet"), link("a/000001.parquet")]);
    for (const name of ["000000", "000001"]) replies[`GET /v1/f/a/${name}.parquet`] = file();
    const { code, out } = await inlet(["artifacts", "download", artifact, "--output", "landed"]);
    expect([code, out]).toEqual([
      0,
      "landed/000000.parquet  14 bytes\nlanded/000001.parquet  14 bytes\n",
    ]);
    expect(readFileSync(join(home, "landed/000001.parquet"), "utf8")).toBe(text);
    const fetched = asked.filter(({ call }) => call.includes("/f/"));
    expect(fetched.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it("one file goes where it is sent", async () => {
    offer([link("a/000000.parquet")]);
    replies["GET /v1/f/a/000000.parquet"] = file();
    expect((await inlet(["artifacts", "download", artifact, "--output", "one.parquet"])).code).toBe(
      0,
    );
    expect(readFileSync(join(home, "one.parquet"), "utf8")).toBe(text);
  });

  it.each([
    ["damaged", file({ "x-amz-meta-sha256": sum.replace(/^./, "x") })],
    ["cut", file({ "x-amz-meta-sha256": sum }, "PAR1")],
    ["gone", [{ status: 403, raw: "" }]],
  ])("a file that arrives %s is not left behind", async (_, replied) => {
    offer([link("a/bad.parquet")]);
    replies["GET /v1/f/a/bad.parquet"] = replied;
    const { code, err } = await inlet(["artifacts", "download", artifact, "--output", "bad"]);
    expect([code, err]).toEqual([7, expect.stringMatching(/[Tt]ry again/)]);
    expect(readdirSync(join(home, "bad"))).toEqual([]);
  });

  it("no name leaves the folder, and a link elsewhere must be https", async () => {
    offer([link("../../etc/..passwd", { url: `${apiUrl}/f/x` })]);
    replies["GET /v1/f/x"] = file();
    expect((await inlet(["artifacts", "download", artifact, "--output", "safe"])).out).toContain(
      "safe/passwd",
    );
    offer([link("a", { url: "http://storage.example/f" })]);
    expect((await inlet(["artifacts", "download", artifact, "--output", "safe"])).code).not.toBe(0);
  });

  it("--json shows the links and downloads nothing", async () => {
    offer([link("a/000000.parquet")]);
    const { out } = await inlet(["artifacts", "download", artifact, "--json"]);
    expect([JSON.parse(out).files.length, asked.length]).toEqual([1, 1]);
  });
});
