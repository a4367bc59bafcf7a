/** Every remedy that our code writes names an operation; each of them is a command. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inCommands } from "./remedy.ts";

const root = join(import.meta.dirname, "..");

it.each([
  ["List them with GET /endpoints.", "List them with `inlet endpoints list`."],
  [
    "must be a registered sink (GET /sinks) or kb",
    "must be a registered sink (`inlet sinks list`) or kb",
  ],
  ["List them: GET /connectors?kind=sink.", "List them: `inlet connectors list --kind sink`."],
  ["List them: GET /kb/nodes?entityType=&scope=.", "List them: `inlet kb list`."],
  [
    "Enable it first: PATCH /endpoints/{endpointId} with enabled: true.",
    "Enable it first: `inlet endpoints update ENDPOINT --enabled`.",
  ],
  ["See GET /openapi.json.", "See `inlet openapi`."],
  [
    "Read the item, and send its ETag as If-Match.",
    "Read the item, and send its ETag as --if-match.",
  ],
  ["The site's GET /rest/api/3/myself is gone.", "The site's GET /rest/api/3/myself is gone."],
])("%s", (text, said) => {
  expect(inCommands(text)).toBe(said);
});

it("fills in what was typed, quoted where a shell needs it", () => {
  const text = "List them: GET /endpoints/{endpointId}/units.";
  expect(inCommands(text, { endpointId: "jira" })).toBe("List them: `inlet units list jira`.");
  expect(inCommands(text, { endpointId: "Second site" })).toBe(
    "List them: `inlet units list 'Second site'`.",
  );
});

describe("every remedy in the sources", () => {
  const folders = "{schemas,core,adapters,functions,worker}/**/*.ts";
  const files = [
    ...globSync(folders, { cwd: root }),
    ...globSync("python-worker/src/**/*.py", { cwd: root }),
  ];
  const remedies = files
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => remediesOf(file).map((text) => ({ file, text })));

  it("is found", () => {
    expect(remedies.length).toBeGreaterThan(15);
  });

  it.each(remedies)("is a command: $text ($file)", ({ text }) => {
    expect(inCommands(text)).toMatch(/`inlet [a-z-]+/);
    expect(inCommands(text)).not.toMatch(/\b(GET|POST|PUT|PATCH|DELETE) \//);
  });
});

/**
 * Calls named in texts of the file. Comments are for those who read code; a vendor's own paths are
 * no operations.
 */
function remediesOf(file: string): string[] {
  const code = readFileSync(join(root, file), "utf8")
    .split("\n")
    .filter((line) => !/^\s*(\*|\/\*|\/\/|#|"""|summary:)/.test(line));
  const calls = code.flatMap(
    (line) => line.match(/\b(?:GET|POST|PUT|PATCH|DELETE) \/[\w{}/.-]*(?:\?[\w=&]*)?/g) ?? [],
  );
  return calls.filter((call) => !/ \/(rest|field|ex)\b/.test(call));
}
