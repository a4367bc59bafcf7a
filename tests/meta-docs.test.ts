/**
 * Acceptance criteria AC1, AC2 and AC4 of document 002: `docs/meta/` says what is there. Whatever
 * those pages name in backticks exists, and whatever they call not built does not.
 */
import { existsSync, globSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorsOf, declarationsOf, linksOf, tableOf, tokensOf } from "./meta-docs/pages.ts";
import { buckets, connectors, kindOf, root, tables, text } from "./meta-docs/vocabulary.ts";
import { wrongNames } from "./meta-docs/wrong-names.ts";

/** Each page with the criteria that it is for. */
const PAGES = {
  "SOURCE_STAGING_SINK.md": "002-AC1",
  "MAP.md": "002-AC4",
  "ENDPOINTS.md": "002-AC4",
  "INGESTION_AND_SINKS.md": "002-AC2 002-AC4",
} as const;
type Name = keyof typeof PAGES;
const NAMES = Object.keys(PAGES) as Name[];
const page = (name: Name) => text(`docs/meta/${name}`);

/** Parameters as document 002 prints them; ours may follow. */
const PRINTED: Record<string, string[]> = {
  allocate_session: ["context"],
  write_batch: ["batch"],
  iter_batches: ["chunk_size"],
  export_to_staging: ["source_endpoint", "unit_id", "checkpoint", "policy", "staging"],
  import_from_staging: ["sink_endpoint", "unit_id", "staging", "policy"],
  run_ingestion_unit: [
    "source_endpoint_id",
    "sink_endpoint_id",
    "unit_id",
    "checkpoint",
    "policy",
    "staging_provider_id",
  ],
};

const ENTRIES = "| entry | kind | capabilities | auth | modes |";
const CAPABILITIES = "| capability | operations |";
const UNITS = "| unit | modes | primary key | cursor |";
const ROOMS = "| room | holds |";
const STORES = "| store | holds |";

/** Declarations of a page that do not stand so in the file it names. */
function wrongDeclarations(content: string): string[] {
  return declarationsOf(content).flatMap(({ file, inClass, text: declared }) => {
    const source = existsSync(join(root, file)) && file ? text(file) : "";
    const place = inClass
      ? (source.split(/^(?=class |def |@)/m).find((p) => p.startsWith(`class ${inClass}(`)) ?? "")
      : source;
    return compact(place.replace(/"""[\s\S]*?"""/g, "")).includes(compact(declared))
      ? []
      : [`${file}: ${declared}`];
  });
}

const compact = (python: string) =>
  python
    .replace(/\.\.\.$/, "")
    .replace(/\s+/g, "")
    .replaceAll(",)", ")");

/** Rows of ENDPOINTS.md as the manifest has them. */
const entryRows = () =>
  connectors.map(({ name, kind, capabilities, authTypes, modes }) => [
    [name],
    [kind],
    capabilities,
    authTypes,
    modes,
  ]);
const unitRows = () =>
  connectors
    .flatMap(({ units }) => units)
    .map(({ unitId, defaultMode, supportedModes, defaultPolicy: { primaryKeys, cursorField } }) => [
      [unitId],
      [defaultMode, ...supportedModes.filter((mode) => mode !== defaultMode)],
      primaryKeys,
      cursorField ? [cursorField] : [],
    ]);
const firstCells = (content: string, head: string) =>
  tableOf(content, head).map(([cell]) => cell?.[0]);

describe.each(NAMES)("%s", (name) => {
  it(`${PAGES[name]} names only what is there, and calls not built only what is not`, () => {
    expect(wrongNames(page(name))).toEqual([]);
  });

  it("fails for any name that is misspelt", () => {
    const content = page(name);
    const tokens = new Set(tokensOf(content).map((token) => token.text));
    expect(tokens.size).toBeGreaterThan(20);
    for (const token of tokens) {
      const misspelt = token.replace(/([A-Za-z])([^A-Za-z]*)$/, "$1q$2");
      const findings = wrongNames(content.replaceAll(`\`${token}\``, `\`${misspelt}\``));
      expect(
        findings.some((finding) => finding.startsWith(`${misspelt} `)),
        misspelt,
      ).toBe(true);
    }
  });

  it("links to pages and headings that exist, and stays short", () => {
    for (const { file, anchor } of linksOf(page(name))) {
      const target = `docs/meta/${file}`;
      expect(existsSync(join(root, target)), target).toBe(true);
      if (anchor) expect(anchorsOf(text(target)), `${target}#${anchor}`).toContain(anchor);
    }
    expect(page(name).split("\n").length).toBeLessThanOrEqual(80);
  });
});

describe("the Source–Staging–Sink page", () => {
  const content = page("SOURCE_STAGING_SINK.md");

  it("002-AC1 prints signatures of the ports and the three functions as in Python", () => {
    expect(wrongDeclarations(content)).toEqual([]);
    expect(wrongDeclarations(content.replace("batch: Batch", "batch: Rows"))).toHaveLength(1);
    expect(
      wrongDeclarations(content.replace("sink_endpoint_id: str | None", "sink_endpoint_id: str")),
    ).toHaveLength(1);
  });

  it("002-AC1 keeps the parameters that document 002 prints, in its order", () => {
    const declared = declarationsOf(content).map(({ text: declaration }) => declaration);
    for (const [name, printed] of Object.entries(PRINTED)) {
      const own = declared.find((one) => one.startsWith(`def ${name}(`)) ?? "";
      const parameters = [...own.matchAll(/(\w+): /g)].map(([, parameter]) => parameter);
      expect(parameters.slice(0, printed.length), name).toEqual(printed);
    }
  });

  it("002-AC1 tells of every source, sink and staging provider", () => {
    const named = tokensOf(content).flatMap(({ text: token, absent }) => (absent ? [] : [token]));
    const providers = named.filter((token) => kindOf(token) === "provider");
    expect(named).toEqual(expect.arrayContaining(connectors.map((connector) => connector.name)));
    expect(new Set(providers)).toEqual(new Set(["object_store", "in_memory"]));
  });
});

describe("the page of endpoints", () => {
  const content = page("ENDPOINTS.md");

  it("002-AC4 lists the manifest's entries, with capabilities, auth types and modes", () => {
    expect(tableOf(content, ENTRIES)).toEqual(entryRows());
    expect(tableOf(content.replace("`basic` `oauth2`", "`basic`"), ENTRIES)).not.toEqual(
      entryRows(),
    );
  });

  it("002-AC4 lists exactly the manifest's units, with modes, keys and cursors", () => {
    expect(tableOf(content, UNITS)).toEqual(unitRows());
    expect(tableOf(content.replace(/.*`jira.users`.*\n/, ""), UNITS)).not.toEqual(unitRows());
  });

  it("002-AC4 explains every capability that an entry has", () => {
    const had = new Set(connectors.flatMap(({ capabilities }) => capabilities));
    expect(new Set(firstCells(content, CAPABILITIES))).toEqual(had);
  });
});

describe("the page of ingestion and sinks", () => {
  const content = page("INGESTION_AND_SINKS.md");

  it("002-AC2 has the Python activity and staging as the path, none in TypeScript", () => {
    const kinds = tokensOf(content).map(({ text: token }) => `${kindOf(token)} ${token}`);
    const path = [
      "activity runIngestionUnitPythonWorker",
      "workflow ingestionRunWorkflow",
      "python run_ingestion_unit",
    ];
    expect(kinds).toEqual(expect.arrayContaining(path));

    const former = tokensOf(content).filter(({ text: token }) =>
      /^Ingestion(Driver|Sink)$/.test(token),
    );
    expect(former).toEqual(
      ["IngestionDriver", "IngestionSink"].map((token) => ({ text: token, absent: true })),
    );
  });

  it("002-AC2 tells the truth: no room declares a driver or a sink", () => {
    const rooms = globSync("{schemas,core,adapters,functions,worker}/**/*.ts", { cwd: root });
    const names = "IngestionDriver|IngestionSink|KnowledgeBaseSink";
    const declared = new RegExp(`\\b(class|interface|type|const|function) \\w*(${names})\\b`);
    expect(rooms.length).toBeGreaterThan(100);
    expect(rooms.filter((file) => declared.test(text(file)))).toEqual([]);
  });
});

describe("the map", () => {
  const content = page("MAP.md");

  it("002-AC4 names every room", () => {
    const ignored = text(".gitignore").split("\n");
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const rooms = folders
      .map(({ name }) => `${name}/`)
      .filter((name) => !name.startsWith(".") && !ignored.includes(name));
    expect(firstCells(content, ROOMS).sort()).toEqual(rooms.sort());
  });

  it("002-AC4 names every table and bucket", () => {
    const named = firstCells(content, STORES).filter((name) => name !== "Secrets Manager");
    expect(named).toEqual([...tables, ...buckets]);
  });

  it("002-AC4 says once what checkpoints, knowledge base and sinks are for", () => {
    const definition = /^\*\*(Checkpoints|Sinks|The knowledge base)\*\*/gm;
    expect(content.match(definition)).toHaveLength(3);
    for (const name of ["SOURCE_STAGING_SINK.md", "INGESTION_AND_SINKS.md"] as const) {
      expect(linksOf(page(name))).toContainEqual({ file: "MAP.md", anchor: "what-goes-where" });
      expect(page(name).match(definition)).toBeNull();
    }
  });

  it("002-AC4 keeps the knowledge base out of the sinks", () => {
    const sinks = connectors.filter(({ kind }) => kind === "sink");
    expect(
      sinks.filter(({ name, capabilities }) =>
        /\bkb\b|knowledge/.test([name, ...capabilities].join(" ")),
      ),
    ).toEqual([]);
    expect(content).toContain("It is never a data sink");
  });
});

it("every kind of name is met on some page", () => {
  const kinds = new Set(
    NAMES.flatMap((name) => tokensOf(page(name)).map(({ text: token }) => kindOf(token))),
  );
  const some = [
    "operation",
    "command",
    "item",
    "queue",
    "prefix",
    "path",
    "policy",
    "connector",
    "capability",
    "unit",
  ];
  const more = [
    "code",
    "auth",
    "store",
    "provider",
    "knowledge base",
    "workflow",
    "activity",
    "graphql",
    "field",
    "python",
    "node",
  ];

  expect(kinds).toEqual(new Set([...some, ...more, null]));
});
