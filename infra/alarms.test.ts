import { describe, expect, test } from "vitest";
import routes from "../schemas/json/routes.json" with { type: "json" };
import { ofType, type Resource, resourcesOf } from "./templates-under-test.ts";

const prod = resourcesOf("prod");
/** Of those that call somebody: others scale a service. */
const alarms = ofType(prod, "CloudWatch::Alarm").filter(
  ({ id }) => !id.includes("TaskCountTarget"),
);

interface Stat {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { Name: string; Value: unknown }[];
}

/** Every metric that the alarm reads, of its expression, too. */
function statsOf({ Properties }: Resource): Stat[] {
  if (Properties.MetricName) return [Properties];
  return Properties.Metrics.flatMap(
    (one: { MetricStat?: { Metric: Stat } }) => one.MetricStat?.Metric ?? [],
  );
}

const watching = (namespace: string, name: string) =>
  alarms.filter((alarm) =>
    statsOf(alarm).some((s) => s.Namespace === namespace && s.MetricName === name),
  );
const dimensionsOf = (alarm: Resource) =>
  Object.fromEntries(
    statsOf(alarm).flatMap(({ Dimensions = [] }) =>
      Dimensions.map(({ Name, Value }) => [Name, Value]),
    ),
  );
const patternOf = (filters: readonly Resource[], metric: string): string =>
  filters.find(({ Properties }) => Properties.MetricTransformations[0].MetricName === metric)
    ?.Properties.FilterPattern ?? "";
const logicalIds = (found: readonly Resource[]) =>
  found.map((alarm) => (Object.values(dimensionsOf(alarm))[0] as { Ref: string }).Ref).sort();

test("every alarm notifies and says what to do; missing data sets off only the Silent ones", () => {
  expect(alarms.length).toBeGreaterThan(50);
  for (const { id, Properties } of alarms) {
    expect(Properties.AlarmActions, id).toHaveLength(1);
    expect(Properties.AlarmDescription, id).toMatch(/: \S/);
    expect(Properties.TreatMissingData, id).toBe(/Silent/.test(id) ? "breaching" : "notBreaching");
  }
});

describe("something watches", () => {
  test.each(["Errors", "Throttles"])("the %s of every function", (metric) => {
    const functions = ofType(prod, "Lambda::Function").map(({ id }) => id);
    expect(logicalIds(watching("AWS/Lambda", metric))).toEqual(functions.sort());
  });

  test("the age of every stream that is read", () => {
    const readers = ofType(prod, "Lambda::EventSourceMapping").map(
      ({ Properties }) => Properties.FunctionName.Ref,
    );
    expect(logicalIds(watching("AWS/Lambda", "IteratorAge"))).toEqual(readers.sort());
  });

  test("every dead-letter queue", () => {
    const watched = watching("AWS/SQS", "ApproximateNumberOfMessagesVisible").map((alarm) => {
      return (dimensionsOf(alarm).QueueName as { "Fn::GetAtt": string[] })["Fn::GetAtt"][0];
    });
    expect(watched.sort()).toEqual(
      ofType(prod, "SQS::Queue")
        .map(({ id }) => id)
        .sort(),
    );
  });

  test("every table and index that turns requests away", () => {
    for (const name of ["ReadThrottleEvents", "WriteThrottleEvents"]) {
      expect(logicalIds(watching("AWS/DynamoDB", name))).toEqual(
        ofType(prod, "DynamoDB::Table")
          .map(({ id }) => id)
          .sort(),
      );
    }
    const [control] = alarms.filter(({ id }) => id.startsWith("ControlThrottled"));
    const indexes = statsOf(control as Resource).flatMap(({ Dimensions = [] }) =>
      Dimensions.filter(({ Name }) => Name === "GlobalSecondaryIndexName").map(
        ({ Value }) => Value,
      ),
    );
    expect([...new Set(indexes)].sort()).toEqual(["by_time", "by_unit", "pending"]);
  });

  test("every area that answers 5xx, and the gateway, which also says when it throttles", () => {
    const areas = watching("Inlet", "ApiRequests").map(dimensionsOf);
    const stated = [...new Set(routes.map(({ area }) => area))].sort();
    expect(areas.map(({ area, outcome }) => `${area} ${outcome}`).sort()).toEqual(
      stated.map((area) => `${area} 5xx`),
    );
    const filters = ofType(prod, "Logs::MetricFilter");
    const [stage] = ofType(prod, "ApiGatewayV2::Stage");
    for (const name of ["GatewayErrors", "GatewayThrottles"]) {
      expect(watching("Inlet", name)).toHaveLength(1);
      const pattern = patternOf(filters, name);
      for (const [, field = ""] of pattern.matchAll(/\$\.(\w+)/g))
        expect(JSON.parse(stage?.Properties.AccessLogSettings.Format)).toHaveProperty(field);
    }
  });

  test("nothing that a vendor's failure is: it is answered 502 or 504, and counted apart", () => {
    expect(alarms.flatMap(statsOf).filter((s) => s.Namespace === "AWS/ApiGateway")).toEqual([]);
    const pattern = patternOf(ofType(prod, "Logs::MetricFilter"), "GatewayErrors");
    const ours = pattern.match(/\(\$\.status = "5.."\)/g) ?? [];
    expect(ours).toEqual(['($.status = "500")', '($.status = "503")']);
    expect(pattern).toContain('($.status = "5*") && ($.integrationStatus = "-")');

    const outcomes = watching("Inlet", "ApiRequests").map(
      ({ Properties }) => Properties.Dimensions,
    );
    expect(JSON.stringify(outcomes)).not.toContain("vendor");
  });

  test("every service that has fewer tasks than desired, three looks in a row", () => {
    const short = watching("ECS/ContainerInsights", "RunningTaskCount");
    const services = short.map(
      (alarm) => (dimensionsOf(alarm).ServiceName as { "Fn::GetAtt": string[] })["Fn::GetAtt"][0],
    );
    expect(services.sort()).toEqual(
      ofType(prod, "ECS::Service")
        .map(({ id }) => id)
        .sort(),
    );
    for (const { Properties } of short)
      expect(Properties).toMatchObject({ EvaluationPeriods: 3, Threshold: 0 });
  });

  test("runs that failed and runs whose evidence disagrees, the first of either", () => {
    expect(
      watching("Inlet", "Runs").map((alarm) => [dimensionsOf(alarm), alarm.Properties.Threshold]),
    ).toEqual([
      [{ outcome: "FAILED" }, 0],
      [{ outcome: "SUSPICIOUS" }, 0],
    ]);
  });

  test("the unit that is most overdue", () => {
    const [overdue, ...others] = watching("Inlet", "MostOverdueMinutes");
    expect(others).toEqual([]);
    expect(overdue?.Properties).toMatchObject({ Statistic: "Maximum", Threshold: 60 });
  });

  test("the silence of what runs every few minutes by the clock", () => {
    const rates = ofType(prod, "Events::Rule").filter(({ Properties }) =>
      /minute/.test(Properties.ScheduleExpression),
    );
    const driven = rates.flatMap(({ Properties }) =>
      Properties.Targets.map(
        ({ Arn }: { Arn: { "Fn::GetAtt": string[] } }) => Arn["Fn::GetAtt"][0],
      ),
    );
    expect(logicalIds(watching("AWS/Lambda", "Invocations"))).toEqual(driven.sort());
  });
});
