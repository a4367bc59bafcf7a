import { describe, expect, it } from "vitest";
import { collectEveryHours, requireCatalogue } from "./catalogue-rules.ts";

const jira = { name: "jira", capabilities: ["metadata.collect" as const] };
const github = { name: "github", capabilities: [] };

describe("the catalogue of an endpoint", () => {
  it("is collected where the connector has one", () => {
    expect(() => requireCatalogue(jira)).not.toThrow();
    expect(() => requireCatalogue(github)).toThrow(/github has methods only.*Call its methods/);
  });

  it("is collected daily, as asked, or as it was", () => {
    expect(collectEveryHours(jira, undefined)).toBe(24);
    expect(collectEveryHours(jira, 6, 12)).toBe(6);
    expect(collectEveryHours(jira, null, 12)).toBe(null);
    expect(collectEveryHours(jira, undefined, 12)).toBe(12);
  });

  it("is on no schedule of a connector with methods only", () => {
    expect(collectEveryHours(github, undefined)).toBe(null);
    expect(collectEveryHours(github, undefined, 24)).toBe(null);
    expect(collectEveryHours(github, null)).toBe(null);
    expect(() => collectEveryHours(github, 24)).toThrow(/collectEveryHours must be null/);
  });
});
