/**
 * What is typed behind `npm stop --` and `npm start --` is read before anything is stopped or
 * started.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "./paths.ts";

const state = mkdtempSync(join(tmpdir(), "inlet-stop-"));
afterAll(() => rmSync(state, { recursive: true }));

const run = (file: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(root, "local", file), ...args], {
    encoding: "utf8",
    env: { ...process.env, INLET_STATE_DIR: state },
  });

describe.each(["stop.mjs", "start.ts"])("local/%s", (file) => {
  it("helps and does nothing else", () => {
    const { status, stdout } = run(file, "--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^npm (stop|start)/);
    expect(stdout).not.toMatch(/Nothing runs|Stopped|Starting/);
  });

  it("refuses what it does not know", () => {
    const { status, stdout, stderr } = run(file, "--forse");
    expect(status).not.toBe(0);
    expect(stderr).toContain("--forse");
    expect(stdout).not.toMatch(/Nothing runs|Stopped|Starting/);
  });
});
