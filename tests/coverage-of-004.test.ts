/**
 * `docs/integrations/coverage.md` says of each item of document 004 which file does it, and which
 * test shows it. The page is held to the items, to the files, and to the titles of the tests.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Connector } from "../schemas/connector.ts";
import { Endpoint } from "../schemas/endpoint.ts";
import { DomainEvent } from "../schemas/event.ts";
import { IntegrationResult } from "../schemas/integration-result.ts";
import { Method } from "../schemas/method.ts";
import items from "./documents/items-of-004.json" with { type: "json" };
import { root, text } from "./meta-docs/vocabulary.ts";

interface Row {
  readonly item: string;
  readonly files: readonly string[];
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const PAGE = "docs/integrations/coverage.md";
const CELLS = /^\| (.+?) \| (`.+?) \| (`.+?) \|$/;
/** A test: its file, and words of its title, or of the suite's. */
const TEST = /`([^`]+)` “([^”]+)”/g;

function rowsOf(page: string): Row[] {
  return page.split("\n").flatMap((line) => {
    const [, item, files = "", tests = ""] = CELLS.exec(line) ?? [];
    if (item === undefined) return [];

    return {
      item: item.replaceAll("\\|", "|"),
      files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file),
      tests: [...tests.matchAll(TEST)].map(([, file = "", title = ""]) => ({ file, title })),
    };
  });
}

const rows = rowsOf(text(PAGE));

describe(`${PAGE} covers document 004`, () => {
  it("names each of its items once, and nothing else", () => {
    const printed = items.flatMap((group) => group.items);
    expect(rows.map(({ item }) => item).toSorted()).toEqual(printed.toSorted());
  });

  it.each(rows)("$item", ({ files, tests }) => {
    const missing = files.filter((file) => !existsSync(join(root, file)));
    const unproven = tests.filter(
      ({ file, title }) => !existsSync(join(root, file)) || !text(file).includes(title),
    );

    expect(files.length).toBeGreaterThan(0);
    expect(tests.length).toBeGreaterThan(0);
    expect({ missing, unproven }).toEqual({ missing: [], unproven: [] });
  });
});

describe("what document 004 calls schemas/integrations.md and schemas/events.md", () => {
  it("is generated from the contracts: every field and every type of event", () => {
    const integrations = text("docs/schemas/integrations.md");
    const nouns = [Connector, Endpoint, Method, ...IntegrationResult.options];
    const fields = nouns.flatMap(({ shape }) => Object.keys(shape));
    expect(fields.filter((field) => !integrations.includes(`| \`${field}\` |`))).toEqual([]);

    const events = text("docs/schemas/events.md");
    const types = DomainEvent.options.map(({ shape }) => shape.type.value);
    expect(types.filter((type) => !events.includes(`## \`${type}\``))).toEqual([]);
  });
});
