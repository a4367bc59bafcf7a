import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Run } from "../schemas/run.ts";
import { COLUMNS } from "./columns.ts";
import { COMMANDS } from "./commands.ts";
import { printable } from "./printable.ts";
import { bar, FULL_BAR, progressLine } from "./progress.ts";
import { cell, render } from "./render.ts";

const plain = (text: string | number | null | undefined) => String(text);
const look = { bold: plain, dim: plain, width: undefined };
const operation = (words: string) => {
  const found = COMMANDS.find((command) => command.words.join(" ") === words);
  if (!found) throw new Error(`no command ${words}`);
  return found.operation;
};

describe("a list", () => {
  const sink = {
    sinkId: "snk_1",
    name: "lake",
    type: "warehouse.iceberg",
    ownership: "platform",
    isDefault: true,
  };

  it("shows the columns of its noun and no line", () => {
    const page = { items: [sink], nextCursor: null };
    expect(render(operation("sinks list"), 200, page, look).split("\n")).toEqual([
      "SINK-ID  NAME  TYPE               OWNERSHIP  IS-DEFAULT",
      "snk_1    lake  warehouse.iceberg  platform   yes",
    ]);
  });

  it("says how to get the rest", () => {
    expect(
      render(operation("sinks list"), 200, { items: [sink], nextCursor: "abc" }, look),
    ).toContain("--cursor abc");
  });

  it("says that it is empty", () => {
    expect(render(operation("sinks list"), 200, { items: [], nextCursor: null }, look)).toBe(
      "None.",
    );
    const early = render(operation("sinks list"), 200, { items: [], nextCursor: "abc" }, look);
    expect(early).toBe("No match so far. The list continues: --cursor abc, or --all");
  });

  it("every noun with columns has them in its schema", () => {
    const shapes = new Map(
      COMMANDS.flatMap(({ operation: { answers } }) => Object.values(answers)).flatMap((answer) => {
        const element = (answer as { shape?: { items?: { element?: unknown } } } | null)?.shape
          ?.items?.element as
          | { meta(): { id?: string } | undefined; shape: Record<string, unknown> }
          | undefined;
        return element?.meta()?.id
          ? [[element.meta()?.id, Object.keys(element.shape)] as const]
          : [];
      }),
    );
    for (const [noun, columns] of Object.entries(COLUMNS)) {
      for (const column of columns) expect(shapes.get(noun), noun).toContain(column.split(".")[0]);
    }
  });
});

it("one thing is lines, and a table of each list inside", () => {
  const item = {
    datasetId: "d",
    source: { url: "u" },
    fields: [{ name: "id", type: "string" }],
    none: [],
  };
  expect(render(operation("datasets get"), 200, item, look).split("\n")).toEqual([
    "datasetId   d",
    "source.url  u",
    "none        -",
    "",
    "fields",
    "NAME  TYPE",
    "id    string",
  ]);
});

it.each([
  [null, "-"],
  [true, "yes"],
  [1234567, "1,234,567"],
  [1795242316424, "1795242316424"],
  ["2026-11-21T06:16:59.123Z", "2026-11-21 06:16:59Z"],
  [["a", "b"], "a, b"],
  ["two\nlines", "two lines"],
])("%j is shown as %s", (value, text) => {
  expect(cell(value)).toBe(text);
});

it("no text of a vendor steers the terminal", () => {
  expect(printable("\u001b]0;title\u0007x\u009b2Jy\u202e")).toBe(" ]0;title x 2Jy ");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[^\P{Cc}\n]/u);
    }),
  );
});

describe("progress", () => {
  it("the bar is as wide at every tick", () => {
    fc.assert(fc.property(fc.nat(), (tick) => bar(tick).length === FULL_BAR.length));
  });

  it("a run shows its rows while it runs and its sums when it has ended", () => {
    const run = {
      status: "RUNNING",
      unitId: "jira.issues",
      queuedAt: "2026-11-21T06:00:00Z",
      startedAt: null,
      finishedAt: null,
      progress: { rows: 12400, pages: 124, slice: 3 },
      waiting: null,
    };
    const now = new Date("2026-11-21T06:00:41Z");
    const lineOf = (item: object) => progressLine({ kind: "run", item: item as Run }, now);
    expect(lineOf(run)).toBe("RUNNING  jira.issues  rows 12,400  pages 124  slice 3  41 s");
    const lastError = {
      code: "SOURCE_UNAVAILABLE",
      message: "The source did not answer. Try again later.",
    };
    const kept = {
      ...run.progress,
      lastError,
      attempt: 2,
      nextAttemptAt: "2026-11-21T06:01:05.000Z",
    };
    expect(lineOf({ ...run, progress: kept })).toContain(
      "attempt 2, tries again at 06:01:05 UTC: " +
        "The source did not answer. Try again later. (SOURCE_UNAVAILABLE)",
    );
    const stats = { read: 3, landed: 1, deduplicated: 2, unchanged: 1, quarantined: 0 };
    const ended = { ...run, status: "COMPLETE", finishedAt: "2026-11-21T06:01:00Z", stats };
    expect(lineOf(ended)).toBe(
      "COMPLETE  jira.issues  read 3  landed 1  unchanged 1  " +
        "otherwise deduplicated 1  quarantined 0  60 s",
    );
    expect(lineOf({ ...ended, stats: { ...stats, unfit: 1200 } })).toContain(
      "quarantined 0  unfit values 1,200  60 s",
    );
  });
});
