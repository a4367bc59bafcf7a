/**
 * What a role may do is half of it: IAM sees no conditions. The other half is read from the
 * sources.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const TESTS = /\.test\.ts$|^tests\/|^bench\/|\/tests\//;
const files = execFileSync(
  "git",
  ["ls-files", "-co", "--exclude-standard", "*.ts", "*.mjs", "*.py"],
  {
    cwd: root,
    encoding: "utf8",
  },
)
  .split("\n")
  .filter((path) => path && !TESTS.test(path));
const sources = new Map(files.map((path) => [path, readFileSync(join(root, path), "utf8")]));

const having = (pattern: RegExp) =>
  [...sources].filter(([, text]) => pattern.test(text)).map(([path]) => path);
const text = (path: string) => sources.get(path) ?? "";

const KEYS = "adapters/dynamodb/keys.ts";
const WRITER = "adapters/dynamodb/journal/entries.ts";
const READERS = ["adapters/dynamodb/journal/audit.ts", "adapters/dynamodb/journal/run-audit.ts"];
const COMMANDS = "Put|Update|Delete|BatchWrite|TransactWrite|ExecuteStatement|\\w*PartiQL\\w*";
const WRITES = new RegExp(`\\b(${COMMANDS})(Command|Item)?\\b|table/(write|transact|delete-items)`);

describe("the audit's partitions", () => {
  it("are named in one place, for one writer and for readers that write nothing", () => {
    expect(having(/#AUDIT\b/).sort()).toEqual([KEYS, "infra/constructs/permissions.ts"].sort());
    expect(having(/\bkeys\.audit\b/).sort()).toEqual([WRITER, ...READERS].sort());
    for (const reader of READERS) expect(text(reader), reader).not.toMatch(WRITES);
  });

  it("are put to by one function, under the condition that nothing is there", () => {
    const puts = text(WRITER)
      .split("export function")
      .filter((part) => part.includes("keys.audit(entry"));
    expect(puts).toHaveLength(1);
    expect(puts[0]).toContain("return put(tables.events, item, absent());");
    expect(text(WRITER)).not.toMatch(/\b(Update|Delete)\b: ?\{|Command\b/);
    expect(text(WRITER)).toMatch(
      /import \{ type ConditionalWrite, put \} from "\.\.\/table\/write/,
    );
  });

  it("share their table with events, which only the journal puts and removes by key", () => {
    const removal = "adapters/dynamodb/deletion/expiring-items.ts";
    expect(having(/\btables\.events\b/).sort()).toEqual([WRITER, removal, ...READERS].sort());
    expect(text(removal)).toContain('const { pk } = keys.event(tenantId, day, "");');
    expect(text(removal)).not.toContain("keys.audit");
    expect(
      having(/INLET_EVENTS_TABLE|ENV\.eventsTable|EVENTS_TABLE/).filter((path) =>
        path.endsWith(".py"),
      ),
    ).toEqual(["python-worker/src/inlet_worker/contracts/names.py"]);
    expect(having(/ExecuteStatement|PartiQL(?!Insert|Update|Delete)/)).toEqual([]);
  });
});
