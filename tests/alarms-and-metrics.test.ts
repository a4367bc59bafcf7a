/**
 * An alarm on a figure that nobody publishes stays silent for ever: so each is compared with what
 * our code prints.
 */
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openTables } from "../adapters/dynamodb/client.ts";
import { exportAudit } from "../functions/audit-export/handler.ts";
import { countRuns } from "../functions/event-publisher/count-runs.ts";
import { publishFreshness } from "../functions/freshness-sweep/handler.ts";
import { countRequest } from "../functions/runtime/telemetry.ts";
import { publishBacklog } from "../functions/temporal-bridge/measure-backlog.ts";
import { METRIC, TASK_QUEUE } from "../schemas/names.ts";
import { AREAS } from "../schemas/operation.ts";
import { publishedMetrics } from "./stage/published-metrics.ts";
import { ofType, type Resource, resourcesOf } from "./stage/synthesis.ts";

const templates = resourcesOf("prod");
afterEach(() => vi.unstubAllEnvs());

interface Watched {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { Name: string; Value: string }[];
}

/** `name dimension=value …`, as both sides are compared. */
const spelt = (name: string, dimensions: Readonly<Record<string, string>>) =>
  [
    name,
    ...Object.entries(dimensions)
      .sort()
      .map(([key, value]) => `${key}=${value}`),
  ].join(" ");

/** Of every alarm and every scaling policy, those that are ours. */
function watchedMetrics(resources: readonly Resource[]): string[] {
  const metrics = ofType(resources, "CloudWatch::Alarm").flatMap(({ Properties }): Watched[] =>
    Properties.MetricName
      ? [Properties]
      : Properties.Metrics.flatMap(
          (one: { MetricStat?: { Metric: Watched } }) => one.MetricStat?.Metric ?? [],
        ),
  );
  const own = metrics.filter(({ Namespace }) => Namespace === METRIC.namespace);
  return own.map(({ MetricName, Dimensions = [] }) =>
    spelt(MetricName, Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]))),
  );
}

/** What the access log's filters count: CloudWatch's own work, without dimensions. */
const filtered = ofType(templates, "Logs::MetricFilter").flatMap(({ Properties }) =>
  Properties.MetricTransformations.map(({ MetricName }: { MetricName: string }) => MetricName),
);

/** Everything that our functions publish, by doing once what makes them publish. */
async function everything(): Promise<
  { name: string; dimensions: Readonly<Record<string, string>> }[]
> {
  const nowhere = openTables({
    control: "no-such-table",
    events: "no-such-table",
    hot: "no-such-table",
  });
  const ended = (status: string) => ({
    eventId: "evt_1",
    tenantId: "acme",
    occurredAt: "2026-11-30T10:00:00Z",
    type: "integration.run.failed",
    data: { runId: "run_1", endpointId: "ep", unitId: "jira.issues", status, error: null },
  });
  const Keys = marshall({ pk: "T#acme#AUDIT#2026-11-30", sk: "AUDIT#aud_1" }) as never;
  const bucket = {
    bucket: "none",
    signer: () => Promise.reject(new Error("Nothing is to be copied.")),
  };
  return publishedMetrics(async () => {
    for (const area of AREAS) for (const status of [200, 404, 500]) countRequest(area, status, 1);
    await countRuns(nowhere, ["FAILED", "SUSPICIOUS", "COMPLETE"].map(ended) as never);
    await exportAudit({ Records: [{ eventName: "MODIFY", dynamodb: { Keys } }] }, bucket);
    for (const taskQueue of Object.values(TASK_QUEUE)) publishBacklog(taskQueue, 1);
    publishFreshness({ expected: 1, late: 1, mostOverdueMinutes: 5 });
  });
}

describe("our own metrics", () => {
  it("are all published that an alarm watches, by name and dimensions", async () => {
    const published = new Set(
      (await everything()).map(({ name, dimensions }) => spelt(name, dimensions)),
    );
    for (const name of filtered) published.add(name);
    const watched = watchedMetrics(templates);
    expect(watched.length).toBeGreaterThan(12);
    expect(watched.filter((metric) => !published.has(metric))).toEqual([]);
  });

  it("are each watched by an alarm, or stand beside one that is", async () => {
    const watched = new Set(watchedMetrics(templates).map((metric) => metric.split(" ")[0]));
    const published = new Set((await everything()).map(({ name }) => name));
    const beside = [METRIC.apiDuration, METRIC.runSeconds, METRIC.lateUnits];
    expect([...published].filter((name) => !watched.has(name)).sort()).toEqual(beside.sort());
  });

  it("have a dimension, and none is a tenant or its endpoint, unit or sink", async () => {
    const allowed = new Set<string>([
      METRIC.area,
      METRIC.outcome,
      METRIC.connector,
      METRIC.sink,
      METRIC.taskQueue,
    ]);

    for (const { name, dimensions } of await everything()) {
      expect(Object.keys(dimensions).length, name).toBeGreaterThan(0);
      expect(
        Object.keys(dimensions).filter((key) => !allowed.has(key)),
        name,
      ).toEqual([]);
    }
  });
});
