/**
 * `docs/truth-of-a-run.md` names every status, every reason and every policy key that the code has,
 * and no other.
 */
import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERRORS } from "../schemas/errors.ts";
import { ACTIVE_STATUS, FINAL_STATUS } from "../schemas/run.ts";
import { SCHEDULE_STATE } from "../schemas/unit-config.ts";
import { tableOf } from "./meta-docs/pages.ts";
import { connectors, root, text } from "./meta-docs/vocabulary.ts";

const page = text("docs/truth-of-a-run.md");
const EVIDENCE = "| code | weight | seen when | do |";
const firstCells = (head: string) => tableOf(page, head).map(([cell]) => cell?.[0] ?? "");

/** Weighted words of the data plane: `Finding("CODE"`, or through a constant of that name. */
function pythonCodes(): string[] {
  const files = globSync("python-worker/src/*/**/*.py", { cwd: root });
  return files.flatMap((file) =>
    [
      ...text(file).matchAll(
        /\b(?:Finding|Evidence|SourceWarning)\(\s*(?:"([A-Z_]+)"|([A-Z_]{2,}))/g,
      ),
    ].map(([, literal, constant]) => literal ?? constant ?? ""),
  );
}

/**
 * Those that TypeScript adds: an object with a code and a weight, or the code, which no error has,
 * of a skipped run.
 */
function typescriptCodes(): string[] {
  const files = globSync("{core,adapters,worker}/**/*.ts", { cwd: root }).filter(
    (file) => !file.endsWith(".test.ts"),
  );
  return files.flatMap((file) =>
    [...text(file).matchAll(/code: "([A-Z_]+)",([^}]*weight: ")?/g)].flatMap(
      ([, code = "", weighted]) => (weighted || !(code in ERRORS) ? [code] : []),
    ),
  );
}

const once = (codes: readonly string[]) => [...new Set(codes)].sort();

describe("docs/truth-of-a-run.md", () => {
  it("has every status of a run and every state of a schedule", () => {
    expect(firstCells("| status | means | do |")).toEqual([...ACTIVE_STATUS, ...FINAL_STATUS]);
    expect(once(firstCells("| state | means |"))).toEqual(once(SCHEDULE_STATE));
  });

  it("has every code of evidence that a run can have, and no other", () => {
    const said = once([...pythonCodes(), ...typescriptCodes()]);
    expect(said.length).toBeGreaterThan(12);
    expect(once(firstCells(EVIDENCE))).toEqual(said);
  });

  it("has every key that a unit's policy may have, with its default, and no other", () => {
    const schemas = connectors
      .flatMap(({ units }) => units)
      .map(({ policySchema }) => policySchema);
    const properties = schemas.flatMap((schema) =>
      Object.entries(schema.properties as Record<string, object>),
    );
    const rows = tableOf(page, "| key | default | means |");

    expect(once(rows.map(([key]) => key?.[0] ?? ""))).toEqual(once(properties.map(([key]) => key)));
    const defaults = new Map<string, Set<string>>();
    for (const [key, property] of properties) {
      if (!("default" in property)) continue;
      defaults.set(key, (defaults.get(key) ?? new Set()).add(String(property.default)));
    }
    for (const [key, said] of defaults) {
      const [, shown] = rows.find(([names]) => names?.[0] === key) ?? [];
      expect([key, once(shown?.slice(0, said.size) ?? [])]).toEqual([key, once([...said])]);
    }
  });
});
