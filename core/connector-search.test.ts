import { describe, expect, it } from "vitest";
import type { Connector } from "../schemas/connector.ts";
import { rankConnectors } from "./connector-search.ts";

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
const issues = {
  name: "issues",
  method: "GET" as const,
  path: "/issues",
  description: "Search tickets",
  schema: {},
  sample: {},
};
const all = [
  aConnector("jira", { title: "Jira Cloud", resources: [issues], capabilities: ["ingest.full"] }),
  aConnector("github", { description: "Code, and issues like in jira" }),
  aConnector("old_jira", { status: "deprecated" }),
  aConnector("warehouse.iceberg", { kind: "sink" }),
];
const names = (query: Parameters<typeof rankConnectors>[1]) =>
  rankConnectors(all, query).map(({ name }) => name);

describe("rankConnectors", () => {
  it("puts a match in the name before one in the text, and deprecated ones last", () => {
    expect(names({ search: "JIRA" })).toEqual(["jira", "github", "old_jira"]);
  });

  it("wants all words", () => {
    expect(names({ search: "jira tickets" })).toEqual(["jira"]);
    expect(names({ search: "jira people" })).toEqual([]);
  });

  it("filters by capability, resource and kind, and sorts by name without a search", () => {
    expect(names({ capability: "ingest.full" })).toEqual(["jira"]);
    expect(names({ resource: "Issue" })).toEqual(["jira"]);
    expect(names({ kind: "sink" })).toEqual(["warehouse.iceberg"]);
    expect(names({})).toEqual(["github", "jira", "warehouse.iceberg", "old_jira"]);
  });
});
