import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connector } from "../schemas/connector.ts";
import { type MethodWords, MOST_METHODS, rankConnectors } from "./connector-search.ts";
import { wordsOf } from "./search-words.ts";

const aConnector = (name: string, changes: Partial<Connector> = {}): Connector => ({
  name,
  kind: "source",
  version: "1.0.0",
  title: name,
  description: "",
  status: "active",
  capabilities: [],
  authTypes: [],
  configSchema: {},
  sampleConfig: {},
  secretSchema: {},
  modes: [],
  resources: [],
  units: [],
  ...changes,
});
const aMethod = (name: string, title: string, about = ""): MethodWords => ({
  name,
  title,
  about,
  resource: null,
  safe: false,
});
const issues = {
  name: "issues",
  method: "GET" as const,
  path: "/issues",
  description: "Search tickets",
  schema: {},
  sample: {},
};
const JIRA = [
  aMethod("searchIssues", "Search issues"),
  aMethod("createIssue", "Create an issue"),
  aMethod("addComment", "Comment on an issue"),
  aMethod("listUsers", "List users"),
];
const GITHUB = [
  aMethod("createIssue", "Create an issue"),
  aMethod("mergePullRequest", "Merge a pull request"),
  aMethod("createRelease", "Create a release"),
];
const all = [
  {
    connector: aConnector("jira", {
      title: "Jira Cloud",
      resources: [issues],
      capabilities: ["ingest.full"],
    }),
    methods: JIRA,
  },
  {
    connector: aConnector("github", { description: "Code, and issues like in jira" }),
    methods: GITHUB,
  },
  { connector: aConnector("old_jira", { status: "deprecated" }), methods: [] },
  {
    connector: aConnector("zoho_people", { title: "Zoho People", events: ["leave.requested"] }),
    methods: [aMethod("applyLeave", "Apply for leave"), aMethod("getForms", "List forms")],
  },
  { connector: aConnector("warehouse.iceberg", { kind: "sink" }), methods: [] },
];
type Query = Parameters<typeof rankConnectors>[1];
const rank = (query: Query) => rankConnectors(all, query);
const names = (query: Query) => rank(query).map(({ candidate }) => candidate.connector.name);
const best = (search: string) => {
  const [first] = rank({ search });
  return `${first?.candidate.connector.name} ${first?.methods[0]?.name}`;
};

describe("rankConnectors", () => {
  it.each([
    ["create a ticket in jira", "jira createIssue"],
    ["I want to find all bugs in Jira", "jira searchIssues"],
    ["comment on a jira issue", "jira addComment"],
    ["merge the PR on GitHub", "github mergePullRequest"],
    ["publishing new releases", "github createRelease"],
    ["request vacation for an employee", "zoho_people applyLeave"],
  ])("%s: %s", (task, expected) => {
    expect(best(task)).toBe(expected);
  });

  it("puts a match in the name before one in the text, and deprecated ones last", () => {
    expect(names({ search: "JIRA" })).toEqual(["jira", "github", "old_jira"]);
  });

  it("needs a word that occurs, and not all of them", () => {
    expect(names({ search: "jira quux" })[0]).toBe("jira");
    expect(names({ search: "quux" })).toEqual([]);
  });

  it("filters by capability, resource, event, method and kind, and sorts by name", () => {
    expect(names({ capability: "ingest.full" })).toEqual(["jira"]);
    expect(names({ resource: "Issue" })).toEqual(["jira"]);
    expect(names({ event: "leave" })).toEqual(["zoho_people"]);
    expect(names({ method: "createissue" })).toEqual(["github", "jira"]);
    expect(names({ kind: "sink" })).toEqual(["warehouse.iceberg"]);
    expect(names({})).toEqual(["github", "jira", "warehouse.iceberg", "zoho_people", "old_jira"]);
  });

  const word = fc.constantFrom(
    ..."create issue jira merge pull list leave form sink quux the comment".split(" "),
  );
  const search = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" "));

  it("answers the same whatever the order of the list and of the words", () => {
    fc.assert(
      fc.property(
        search,
        fc.shuffledSubarray(all, { minLength: all.length }),
        (words, shuffled) => {
          const shown = (list: typeof all, text: string) =>
            rankConnectors(list, { search: text }).map(({ candidate, methods }) => [
              candidate.connector.name,
              ...methods.map(({ name }) => name),
            ]);
          expect(shown(shuffled, words)).toEqual(shown(all, words));
          expect(shown(all, words.split(" ").reverse().join(" "))).toEqual(shown(all, words));
        },
      ),
    );
  });

  it("shows methods of the connector that fit, and a few", () => {
    fc.assert(
      fc.property(search, (words) => {
        fc.pre(wordsOf(words).length > 0);
        for (const { candidate, methods } of rank({ search: words })) {
          expect(methods.length).toBeLessThanOrEqual(MOST_METHODS);
          for (const method of methods) {
            expect(candidate.methods).toContain(method);
            const known = wordsOf(`${method.name} ${method.title} ${method.about}`);
            expect(wordsOf(words).some((one) => known.includes(one))).toBe(true);
          }
        }
      }),
    );
  });

  it("one more method that fits never puts a connector further back", () => {
    fc.assert(
      fc.property(search, fc.nat(all.length - 1), (words, at) => {
        const place = (list: typeof all) =>
          rankConnectors(list, { search: words }).findIndex(
            ({ candidate }) => candidate.connector.name === all[at]?.connector.name,
          );
        const more = all.map((one, index) =>
          index === at ? { ...one, methods: [...one.methods, aMethod("fitting", words)] } : one,
        );
        const [before, after] = [place(all), place(more)];
        fc.pre(wordsOf(words).length > 0 && before >= 0);
        expect(after).toBeLessThanOrEqual(before);
      }),
    );
  });
});

it("words meet across plurals, verbs, names and what people call things", () => {
  const same = (a: string, b: string) => expect(wordsOf(a)).toEqual(wordsOf(b));
  same("searching", "search");
  same("issues", "issue");
  same("tickets", "issue");
  same("createIssue", "create an issue");
  same("repositories", "repo");
  same("merged", "merge");
  same("updating", "edit");
  expect(wordsOf("the of and")).toEqual([]);
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const one of wordsOf(text)) expect(one).not.toBe("");
    }),
  );
});
