import { join } from "node:path";
import { describe, expect, test } from "vitest";
import routes from "../schemas/json/routes.json" with { type: "json" };
import { ENV } from "../schemas/names.ts";
import { environmentOf } from "./environments.ts";
import { inlet } from "./inlet.ts";
import { LOCAL_CONTEXT } from "./local-context.ts";
import { ofType, outdir, type Resource, resourcesOf } from "./templates-under-test.ts";

const prod = resourcesOf("prod");

describe("concurrency", () => {
  const reserving = (functions: Record<string, number>, accountLimit = 1000) => {
    const settings = { ...environmentOf("dev"), reservedConcurrency: { accountLimit, functions } };
    return inlet(settings, { outdir: join(outdir, "reserving"), context: LOCAL_CONTEXT });
  };

  test("is reserved nowhere unless an environment says so", () => {
    for (const { Properties } of ofType(prod, "Lambda::Function")) {
      expect(Properties.ReservedConcurrentExecutions).toBeUndefined();
    }
  });

  test("is reserved for the functions that an environment names", () => {
    const { stacks } = reserving({ endpoints: 40, authorizer: 100 }).synth();
    const reserved = stacks.flatMap(({ template }) =>
      Object.values(template.Resources as Record<string, Omit<Resource, "id" | "stack">>)
        .filter(({ Type }) => Type === "AWS::Lambda::Function")
        .map(({ Properties }) => Properties.ReservedConcurrentExecutions)
        .filter((amount) => amount !== undefined),
    );
    expect(reserved.toSorted((a, b) => a - b)).toEqual([40, 100]);
  });

  test("that the account does not have, or of no function, fails the synthesis", () => {
    expect(() => reserving({ endpoints: 500, graphql: 400 })).not.toThrow();
    expect(() => reserving({ endpoints: 500, graphql: 401 })).toThrow(
      /reserves 901 of the account's 1000/,
    );
    expect(() => reserving({ endpoints: 1 }, 100)).toThrow(/at most 0/);
    expect(() => reserving({ endpoint: 1 })).toThrow(
      /reserves for endpoint\. Name some of .*endpoints/,
    );
    expect(() => reserving({ endpoints: 0 })).toThrow(/above 0/);
    expect(() => reserving({ endpoints: 1.5 })).toThrow(/whole/);
  });
});

describe("functions", () => {
  const functions = ofType(prod, "Lambda::Function");

  test("there is one per area of the routes, and those that stand alone", () => {
    const areas = [...new Set(routes.map(({ area }) => area))];
    const alone = [
      "authorizer",
      "bridge",
      "reconciler",
      "event-publisher",
      "audit-export",
      "credential-broker",
      "credential-sweep",
      "freshness-sweep",
      "kb-projector",
      "kb-reconciler",
    ];
    expect(functions).toHaveLength(areas.length + alone.length);
  });

  test("run on Node 24, arm64", () => {
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: "index.handler",
      });
    }
  });

  test("each has an alarm on its errors that reaches the topic", () => {
    const watched = ofType(prod, "CloudWatch::Alarm")
      .filter(
        ({ Properties }) =>
          Properties.Namespace === "AWS/Lambda" && Properties.MetricName === "Errors",
      )
      .map(({ Properties }) => {
        expect(Properties.AlarmActions).toHaveLength(1);
        return Properties.Dimensions[0].Value.Ref;
      });
    expect(watched.sort()).toEqual(functions.map(({ id }) => id).sort());
  });

  test("have variables that the processes know by name", () => {
    const known = new Set<string>(Object.values(ENV));
    const given = functions.flatMap(({ Properties }) =>
      Object.keys(Properties.Environment.Variables),
    );
    expect(given.filter((name) => !known.has(name))).toEqual([]);
  });

  test("none may scan a table, and none has a managed policy", () => {
    expect(JSON.stringify(prod)).not.toContain("dynamodb:Scan");
    for (const role of ofType(prod, "IAM::Role"))
      expect(role.Properties.ManagedPolicyArns ?? []).toEqual([]);
  });
});
