/** The command in a checkout: built once, run from what was built. */
import { execFileSync } from "node:child_process";
import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const bin = join(import.meta.dirname, "bin/inlet.mjs");
const built = join(import.meta.dirname, "dist/inlet.mjs");
/** The bound is 200 ms on a machine that does nothing else; this one runs tests. */
const STARTS_WITHIN_MILLIS = 600;

const help = () => execFileSync(process.execPath, [bin, "--help"], { encoding: "utf8" });
const builtAt = () => statSync(built).mtimeMs;

it("is built again when a source has changed, and only then", () => {
  help();
  const first = builtAt();
  help();
  expect(builtAt()).toBe(first);

  const source = join(import.meta.dirname, "version.ts");
  utimesSync(source, new Date(), new Date());
  expect(help()).toContain("Usage: inlet");
  expect(builtAt()).toBeGreaterThan(first);
});

it("starts at once", () => {
  help();
  const took = Array.from({ length: 5 }, () => {
    const from = performance.now();
    help();
    return performance.now() - from;
  });
  expect(Math.min(...took)).toBeLessThan(STARTS_WITHIN_MILLIS);
});
