import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const THREATS = 25;

interface Threat {
  readonly number: number;
  readonly tests: readonly { file: string; name: string }[];
  readonly missing: readonly string[];
}

const sections = readFileSync(join(root, "docs/threat-model.md"), "utf8").split(/^## /m).slice(1);
const threats = sections.map((section): Threat => {
  const lines = section.split("\n").filter((line) => line.startsWith("- "));
  return {
    number: Number(/^(\d+)\. \S/.exec(section)?.[1]),
    tests: lines.flatMap((line) => {
      const [, file, name] = /^- `([^`]+)`: (.+)$/.exec(line) ?? [];
      return file && name ? [{ file, name }] : [];
    }),
    missing: lines.flatMap((line) => /^- Not built yet: `([^`]+)`/.exec(line)?.[1] ?? []),
  };
});

/** Whether the file holds a test of exactly this name. */
function holds(file: string, name: string): boolean {
  const path = join(root, file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, "utf8");
  if (file.endsWith(".py")) return new RegExp(`^ *(async )?def ${name}\\(`, "m").test(text);
  const literal = name.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&").replaceAll('"', '\\\\?"');
  return new RegExp(`["\`]${literal}["\`],`).test(text) && /\b(it|test)\b/.test(text);
}

describe("the threat model", () => {
  it("has each threat once, in order, met by a test or said to be not built yet", () => {
    expect(threats.map(({ number }) => number)).toEqual(
      Array.from({ length: THREATS }, (_, nth) => nth + 1),
    );
    for (const { number, tests, missing } of threats)
      expect(tests.length + missing.length, `${number}`).toBeGreaterThan(0);
    const lines = sections.flatMap((section) =>
      section.split("\n").filter((line) => line.startsWith("- ")),
    );
    expect(threats.flatMap(({ tests, missing }) => [...tests, ...missing])).toHaveLength(
      lines.length,
    );
  });

  it("names only tests that there are", () => {
    const wrong = threats.flatMap(({ tests }) =>
      tests.filter(({ file, name }) => !holds(file, name)),
    );
    expect(wrong).toEqual([]);
  });

  it("finds a name that is misspelt, and a file that is gone", () => {
    const [first] = threats[0]?.tests ?? [];
    expect(first && holds(first.file, first.name)).toBe(true);
    expect(first && holds(first.file, `${first.name}s`)).toBe(false);
    expect(first && holds("tests/gone.test.ts", first.name)).toBe(false);
  });

  it("calls nothing not built yet that is there", () => {
    expect(
      threats.flatMap(({ missing }) => missing.filter((path) => existsSync(join(root, path)))),
    ).toEqual([]);
  });
});
