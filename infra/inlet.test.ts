import { existsSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { stacksOf } from "../deploy/roll-out.ts";
import manifest from "../schemas/json/manifest.json" with { type: "json" };
import routes from "../schemas/json/routes.json" with { type: "json" };
import { ENV, TASK_QUEUE } from "../schemas/names.ts";
import { roleFor } from "./constructs/permissions.ts";
import { ENVIRONMENTS, environmentOf } from "./environments.ts";
import { inlet } from "./inlet.ts";
import { LOCAL_CONTEXT } from "./local-context.ts";
import {
  ofType,
  outdir,
  parametersOf,
  type Resource,
  resourcesOf,
} from "./templates-under-test.ts";
import { runMemoryBytes } from "./workers.ts";

const prod = resourcesOf("prod");
const local = resourcesOf("local");

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

test("what a run staged outlives every policy that retains it for a replay", () => {
  const rules = ofType(prod, "S3::Bucket").flatMap(
    ({ Properties }) => Properties.LifecycleConfiguration?.Rules ?? [],
  );
  const { ExpirationInDays } = rules.find(({ Prefix }: { Prefix?: string }) => Prefix === "stg/");
  const policies = manifest.connectors.flatMap(({ units }) =>
    units.map(({ policySchema }) => policySchema.properties),
  );
  const days = policies.map(({ retainStagingDays }) => retainStagingDays.maximum);
  expect(days.length).toBeGreaterThan(0);
  for (const most of days) expect(ExpirationInDays).toBeGreaterThan(most);
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

describe("data", () => {
  test("no bucket is public, unencrypted or reachable without TLS", () => {
    const buckets = ofType(prod, "S3::Bucket");
    expect(buckets).toHaveLength(4);
    for (const { Properties } of buckets) {
      expect(Properties.BucketEncryption).toBeDefined();
      expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }
    const denials = ofType(prod, "S3::BucketPolicy").map(({ Properties }) =>
      JSON.stringify(Properties.PolicyDocument),
    );
    expect(denials).toHaveLength(buckets.length);
    for (const policy of denials)
      expect(policy).toContain('{"Bool":{"aws:SecureTransport":"false"}}');
  });

  test("staged objects expire and landed ones do not", () => {
    const rules = (bucket: string) =>
      ofType(prod, "S3::Bucket").find(({ id }) => id.startsWith(bucket))?.Properties
        .LifecycleConfiguration.Rules;
    expect(rules("Staging")).toEqual(
      expect.arrayContaining([expect.objectContaining({ Prefix: "stg/", ExpirationInDays: 8 })]),
    );
    expect(rules("Lake")).toHaveLength(1);
    expect(rules("Lake")[0]).not.toHaveProperty("ExpirationInDays");
  });

  test("what is kept is protected and can be restored; what is not, can be thrown away", () => {
    const table = (resources: Resource[], name: string) =>
      ofType(resources, "DynamoDB::Table").find(({ id }) => id.startsWith(name))?.Properties;
    for (const name of ["Control", "Events"]) {
      expect(table(prod, name)).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
      });
      expect(table(local, name)).toMatchObject({ DeletionProtectionEnabled: false });
    }
    for (const { Properties } of ofType(prod, "DynamoDB::Table")) {
      expect(Properties.TimeToLiveSpecification).toEqual({ AttributeName: "ttl", Enabled: true });
    }
    expect(table(prod, "Hot")).not.toHaveProperty("StreamSpecification");
  });

  test("streams bisect, report single failures, give up in time and keep what failed", () => {
    const mappings = ofType(prod, "Lambda::EventSourceMapping");
    expect(mappings).toHaveLength(4);
    for (const { Properties } of mappings) {
      expect(Properties).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        MaximumRetryAttempts: 5,
        DestinationConfig: { OnFailure: expect.anything() },
      });
    }
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

describe("workers", () => {
  test("start at no tasks until Temporal is connected, and roll back", () => {
    const services = ofType(prod, "ECS::Service");
    expect(services).toHaveLength(2);
    for (const { Properties } of services) {
      expect(Properties.DesiredCount).toEqual({ "Fn::If": ["Connected", 2, 0] });
      expect(Properties.DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({
        Enable: true,
        Rollback: true,
      });
    }
  });

  test.each([
    { name: "prod", resources: prod },
    { name: "local", resources: local },
  ])(
    "in $name the TypeScript service waits until the Python service is stable",
    ({ resources }) => {
      const services = ofType(resources, "ECS::Service");
      const named = (name: string) => services.find(({ id }) => id.startsWith(name));
      const [python, typescript] = [named("PythonWorker"), named("TypeScriptWorker")];
      expect(typescript?.DependsOn).toContain(python?.id);
      expect(python?.DependsOn).not.toContain(typescript?.id);
    },
  );

  test("may work no run to death: their memory holds as many runs as they take", () => {
    for (const settings of ENVIRONMENTS) {
      const { runs, probes, memoryMib } = settings.pythonWorker;
      const runMib = runMemoryBytes(settings) / 2 ** 20;
      expect(runMib, settings.name).toBeGreaterThanOrEqual(1024);
      expect(runMib * (runs + probes / 4), settings.name).toBeLessThan(memoryMib);
    }
  });

  test("leave to others what one tenant's tests and collections cannot take", () => {
    for (const { name, pythonWorker, defaultQuotas } of ENVIRONMENTS) {
      expect(defaultQuotas.runningProbes, name).toBeLessThan(pythonWorker.probes);
      expect(pythonWorker.runs, name).toBeGreaterThanOrEqual(2);
    }
  });

  test("scale on each of their queues, and tell of each that waits", () => {
    for (const queue of Object.values(TASK_QUEUE)) {
      const alarms = ofType(prod, "CloudWatch::Alarm").filter((alarm) =>
        JSON.stringify(alarm).includes(`"${queue}"`),
      );
      expect(alarms.map(({ Properties }) => Properties.Threshold).sort(), queue).toEqual([0, 1]);
    }
  });

  test("local ones need neither NAT gateway nor address", () => {
    expect(ofType(local, "EC2::NatGateway")).toEqual([]);
    expect(ofType(local, "EC2::EIP")).toEqual([]);
    expect(ofType(prod, "EC2::NatGateway")).toHaveLength(2);
  });
});

test("each worker has its Dockerfile", () => {
  for (const name of ["worker", "python-worker"]) {
    expect(existsSync(join(import.meta.dirname, `../deploy/${name}.Dockerfile`)), name).toBe(true);
  }
});
