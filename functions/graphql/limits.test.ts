import { parse, specifiedRules, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { checkLimits, LIMITS } from "./limits.ts";
import { SIZES } from "./list-sizes.ts";
import { contractSchema } from "./schema.ts";

const schema = contractSchema();
const check =
  (query: string, variables = {}) =>
  () =>
    checkLimits(schema, parse(query), variables);
const times = (count: number, part: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => part(n)).join(" ");

const ALL_STATUSES = "metadataEndpoints { ingestionConfigs { lastStatus { runId } } }";

describe("the cost of a document", () => {
  it.each([
    `{ metadataEndpoints {
      id name ingestionConfigs { unitId mode lastStatus { status error { code } } }
    } }`,
    `{
      metadataEndpointTemplates { id }
      datasets(endpointId: 1) { fields { name } ingestionConfig { id } }
    }`,
    `{
      ingestionStatuses(endpointId: 1) { status error { code } checkpoint }
      ingestionUnits(endpointId: 1) { unitId }
    }`,
    `{ ${times(20, (n) => `r${n}: ingestionRuns(limit: 100) { id }`)} }`,
    `{ ${times(30, (n) => `r${n}: ingestionRuns(limit: 20) { id evidence { code } }`)} }`,
    `{ ${times(30, (n) => `r${n}: ingestionRun(id: "r") { id evidence { code } }`)} }`,
    `mutation { ${times(25, (n) => `a${n}: cancelIngestion(runId: "r") { ok }`)} }`,
  ])("of %s is allowed", (query) => {
    expect(check(query)).not.toThrow();
  });

  it.each([
    `{ ${times(30, (n) => `r${n}: ingestionRuns(limit: 100) { id }`)} }`,
    `{ ${times(16, (n) => `r${n}: ingestionRuns(limit: 100) { evidence { code } }`)} }`,
    `{ ${times(7, (n) => `e${n}: metadataEndpoints { id }`)} }`,
    `{ ${times(2, (n) => `e${n}: ${ALL_STATUSES}`)} }`,
    "{ metadataEndpoints { ingestionConfigs { lastStatus { status checkpoint } } } }",
    `{ datasets(endpointId: 1) { ${times(20, (n) => `f${n}: fields { name }`)} } }`,
    `query { ...A }
    fragment A on Query { ...B ...B }
    fragment B on Query { ...C ...C }
    fragment C on Query { ...D ...D }
    fragment D on Query { metadataEndpoints { id } }`,
  ])("of %s is too much", (query) => {
    expect(check(query)).toThrow(/cost/);
  });

  it("goes by a limit that a variable says, or its default", () => {
    const query = (head: string) =>
      `query ${head} { ${times(30, (n) => `r${n}: ingestionRuns(limit: $n) { id }`)} }`;
    expect(check(query("($n: Int)"), { n: 20 })).not.toThrow();
    expect(check(query("($n: Int)"), { n: 100 })).toThrow(/cost/);
    expect(check(query("($n: Int)"), { n: 1_000_000 })).toThrow(/cost/);
    expect(check(query("($n: Int = 100)"))).toThrow(/cost/);
    expect(check(query("($n: Int = 100)"), { n: 1 })).not.toThrow();
    expect(check(query("($n: Int)"))).not.toThrow();
    expect(check(query("($n: Int)"), { n: -5 })).not.toThrow();
  });

  it("counts every list of the contract that is read by itself", () => {
    const roots = Object.values(schema.getQueryType()?.getFields() ?? {});
    const lists = roots.filter(({ type }) => String(type).startsWith("["));
    expect(lists.map(({ name }) => `Query.${name}`).filter((name) => !SIZES[name])).toEqual([]);
  });

  it("is itself found in a moment, as are the faults of the largest document", () => {
    const fields = `{ ${times(600, (n) => `metadataEndpoints(search: "${n}") { id }`)} }`;
    const one = "metadataEndpoint(id: 1) { ingestionConfigs { lastStatus { error { code } } } } ";
    const nested = `{ ${one.repeat(110)} }`;
    const links = times(200, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`);
    const chain = `query { ...F0 } ${links} fragment F200 on Query { metadataEndpoints { id } }`;
    const flat = `{ metadataEndpoint(id: 1) { ${"id ".repeat(1900)} } }`;

    for (const query of [fields, nested, chain, flat]) {
      const before = performance.now();
      const document = parse(query, { maxTokens: 100_000 });
      try {
        checkLimits(schema, document);
      } catch {
        // Refused at once is as good.
      }
      validate(schema, document, specifiedRules, { maxErrors: 20 });
      expect(performance.now() - before).toBeLessThan(1000);
    }
    expect(LIMITS.tokens).toBeLessThanOrEqual(2000);
  });
});
