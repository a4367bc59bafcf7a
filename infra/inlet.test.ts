import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { stacksOf } from "../deploy/roll-out.ts";
import routes from "../schemas/json/routes.json" with { type: "json" };
import { roleFor } from "./constructs/permissions.ts";
import { ENVIRONMENTS, environmentOf } from "./environments.ts";
import { inlet } from "./inlet.ts";
import { LOCAL_CONTEXT } from "./local-context.ts";
import { ofType, outdir, parametersOf, resourcesOf } from "./templates-under-test.ts";

const prod = resourcesOf("prod");

describe("every environment", () => {
  test("is one of four, each with a name of its own", () => {
    expect(ENVIRONMENTS.map(({ name }) => name)).toEqual(["local", "dev", "staging", "prod"]);
    expect(() => environmentOf("production")).toThrow(/There is no environment production/);
  });
});

test("a deployment finds every stack in the assembly, and the workers' by its name", () => {
  const stacks = [...new Set(prod.map(({ stack }) => stack))];
  expect(stacksOf(join(outdir, "prod")).toSorted()).toEqual(stacks.toSorted());
  expect(stacks.filter((name) => name.endsWith("-worker"))).toEqual(["inlet-prod-worker"]);
});

test("a wildcard without a reason fails the synthesis", () => {
  const app = inlet(environmentOf("dev"), { outdir: join(outdir, "wild"), context: LOCAL_CONTEXT });
  roleFor(new Stack(app, "wild"), "Role", "lambda.amazonaws.com", [
    {
      actions: ["dynamodb:GetItem"],
      resources: ["arn:aws:dynamodb:eu-central-1:000000000000:table/*"],
    },
  ]);
  expect(() => app.synth()).toThrow(/AwsSolutions-IAM5\[Resource::arn:aws:dynamodb/);
});

describe("the API", () => {
  test("has exactly the routes of the contract, and only public ones are open", () => {
    const deployed = ofType(prod, "ApiGatewayV2::Route").map(
      ({ Properties }) =>
        `${Properties.RouteKey} ${Properties.AuthorizationType === "NONE" ? "open" : "identified"}`,
    );
    const stated = routes.map((r) => `${r.method} ${r.path} ${r.public ? "open" : "identified"}`);
    stated.push("$default open");
    expect(deployed.sort()).toEqual(stated.sort());
  });

  test("asks the authorizer once a minute per token", () => {
    expect(
      ofType(prod, "ApiGatewayV2::Authorizer").map(({ Properties }) => Properties),
    ).toMatchObject([
      { AuthorizerResultTtlInSeconds: 60, IdentitySource: ["$request.header.Authorization"] },
    ]);
  });
});

test("a restored table or another secret is named by a parameter, and none need be", () => {
  const parameters = (stack: string) =>
    Object.entries(parametersOf.get(`inlet-prod-${stack}`) ?? {});
  const names = (stack: string) => parameters(stack).map(([name]) => name);
  expect(names("bridge")).toEqual(
    expect.arrayContaining(["ControlTableName", "ControlStreamArn", "TemporalSecretArn"]),
  );
  expect(names("api")).toEqual(
    expect.arrayContaining(["ControlTableName", "HotTableName", "CursorSecretArn"]),
  );
  expect(names("worker")).toEqual(
    expect.arrayContaining([
      "PythonWorkerDigest",
      "TypeScriptWorkerDigest",
      "PayloadKeyArn",
      "TemporalConnected",
    ]),
  );
  for (const [name, { Default }] of ["api", "bridge", "events", "knowledge", "worker"].flatMap(
    parameters,
  )) {
    expect(Default, name).toBeDefined();
  }
});
