/** Methods about metrics. */
import type { Params, PluginMethod, VendorAnswer } from "../plugin.ts";
import { isObject, type JsonObject, listOf, nothing, objectOf } from "../requests/json-messages.ts";
import {
  flag,
  instant,
  integer,
  list,
  NOTHING,
  oneOf,
  pageSchema,
  paramsOf,
  text,
} from "../requests/param-schemas.ts";
import { unfit } from "../requests/vendor-url.ts";
import { awsRequest } from "./aws-request.ts";
import { TOKEN } from "./method-parts.ts";
import { instantOf, seconds } from "./times.ts";

const DIMENSIONS = {
  type: "object",
  maxProperties: 30,
  additionalProperties: { type: "string", minLength: 1, maxLength: 1024 },
  description: "Dimensions by name, for example `{InstanceId: i-0123}`.",
};
const METRIC = {
  "namespace?": text("Namespace of the metric.", { examples: ["AWS/EC2"] }),
  "metric?": text("Name of the metric.", { examples: ["CPUUtilization"] }),
  "dimensions?": DIMENSIONS,
  "stat?": text("Statistic: `Average`, `Sum`, `Maximum`, `p99` and so on.", { maxLength: 32 }),
};

const getMetricData: PluginMethod = {
  method: {
    name: "getMetricData",
    title: "Get metric data",
    description:
      "Reads values of metrics over a time (CPU, latency, errors, counts), and computes with " +
      "them. AWS bills each metric that is asked for.",
    resource: "metric",
    paramSchema: paramsOf({
      queries: {
        ...list(
          "What to read. Each names a metric, or an expression over the others.",
          query(),
          500,
        ),
        minItems: 1,
      },
      startTime: instant("The first time."),
      endTime: instant("The time before which it ends."),
      "scanBy?": oneOf("Order of the values. Default: newest first.", [
        "TimestampDescending",
        "TimestampAscending",
      ]),
      "maxDatapoints?": integer("Values a page.", 1, 100_800),
      "nextToken?": TOKEN,
    }),
    responseSchema: {
      ...pageSchema(
        "One for each query: `id`, `label`, `isPartial`, and `points` of time and value.",
      ),
    },
    safe: true,
    idempotent: true,
    scopes: ["cloudwatch:GetMetricData"],
  },
  request: (params, { config }) =>
    awsRequest("monitoring", "GetMetricData", config, {
      MetricDataQueries: (params.queries as Params[]).map(metricQuery),
      StartTime: seconds("startTime", params.startTime),
      EndTime: seconds("endTime", params.endTime),
      ScanBy: params.scanBy,
      MaxDatapoints: params.maxDatapoints,
      NextToken: params.nextToken,
    }),
  data: metricPage,
};

const putMetricData: PluginMethod = {
  method: {
    name: "putMetricData",
    title: "Put metric data",
    description: "Publishes values of metrics of your own, for example a count of orders.",
    resource: "metric",
    paramSchema: paramsOf({
      namespace: text("Namespace, of your own: not `AWS/`.", { examples: ["Shop"] }),
      data: { ...list("Up to 1,000 metrics.", datum(), 1000), minItems: 1 },
    }),
    responseSchema: NOTHING,
    safe: false,
    idempotent: false,
    scopes: ["cloudwatch:PutMetricData"],
  },
  request: (params, { config }) => {
    if (String(params.namespace).startsWith("AWS/"))
      throw unfit("namespace", "must not begin with `AWS/`, which AWS keeps for itself");

    return awsRequest("monitoring", "PutMetricData", config, {
      Namespace: params.namespace,
      MetricData: (params.data as Params[]).map(metricDatum),
    });
  },
  data: nothing,
};

function query() {
  return {
    ...paramsOf({
      id: text("Name of the query: a small letter, then letters, digits and `_`.", {
        pattern: "^[a-z][A-Za-z0-9_]*$",
        examples: ["cpu"],
      }),
      ...METRIC,
      "periodSeconds?": integer("Length of one value's time. Default: 300.", 1, 86_400),
      "expression?": text("An expression instead of a metric.", {
        maxLength: 2048,
        examples: ["SUM(METRICS())"],
      }),
      "label?": text("How the values are called."),
      "isHidden?": flag("It is there for expressions only."),
    }),
    description: "A query.",
  };
}

function metricQuery(query: Params, at: number) {
  const { id, namespace, metric, dimensions, stat, expression, label, isHidden } = query;
  const isMetric = [namespace, metric, stat].every((value) => value !== undefined);
  if (isMetric === (expression !== undefined))
    throw unfit(
      `queries[${at}]`,
      "must name `namespace`, `metric` and `stat`, or an `expression` and none of them",
    );

  const Period = query.periodSeconds ?? 300;
  const Metric = { Namespace: namespace, MetricName: metric, Dimensions: named(dimensions) };
  return {
    Id: id,
    Label: label,
    ReturnData: isHidden === true ? false : undefined,
    ...(isMetric
      ? { MetricStat: { Metric, Period, Stat: stat } }
      : { Expression: expression, Period }),
  };
}

function datum() {
  return {
    ...paramsOf({
      metric: text("Name of the metric."),
      "value?": { type: "number", description: "The value, unless there are several." },
      "values?": list("Up to 150 different values.", { type: "number" }, 150),
      "counts?": list("How often each of `values` occurred.", { type: "number" }, 150),
      "dimensions?": DIMENSIONS,
      "time?": instant("When. At most two weeks ago and two hours ahead. Default: now."),
      "unit?": text("Unit, in AWS's words.", { maxLength: 32, examples: ["Milliseconds"] }),
      "resolutionSeconds?": oneOfNumbers("Default: 60.", [1, 60]),
    }),
    description: "A metric's values.",
  };
}

function metricDatum(datum: Params, at: number) {
  const { metric, value, values, counts, dimensions, time, unit, resolutionSeconds } = datum;
  if ((value === undefined) === (values === undefined))
    throw unfit(`data[${at}]`, "must have `value` or `values`, and not both");
  if (counts !== undefined && sizeOf(counts) !== sizeOf(values))
    throw unfit(`data[${at}].counts`, "must have one for each of `values`");

  return {
    MetricName: metric,
    Value: value,
    Values: values,
    Counts: counts,
    Dimensions: named(dimensions),
    Timestamp: time === undefined ? undefined : seconds(`data[${at}].time`, time),
    Unit: unit,
    StorageResolution: resolutionSeconds,
  };
}

function oneOfNumbers(description: string, values: readonly number[]) {
  return { type: "integer", enum: values, maximum: Math.max(...values), description };
}

const sizeOf = (values: unknown) => (Array.isArray(values) ? values.length : 0);

function named(dimensions: unknown) {
  if (!isObject(dimensions)) return undefined;
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

function metricPage(answer: VendorAnswer) {
  const { NextToken, Messages } = objectOf(answer);
  const items = listOf(answer, "MetricDataResults").filter(isObject).map(metricSeries);
  return {
    items,
    nextPage: typeof NextToken === "string" ? { nextToken: NextToken } : null,
    ...(Array.isArray(Messages) && Messages.length > 0 && { messages: Messages }),
  };
}

/** More of a partial one comes with the next page, or is lost where there is none. */
function metricSeries({ Id, Label, StatusCode, Timestamps, Values }: JsonObject) {
  const values = Array.isArray(Values) ? Values : [];
  const times = Array.isArray(Timestamps) ? Timestamps : [];
  return {
    id: Id ?? null,
    label: Label ?? null,
    isPartial: StatusCode === "PartialData",
    hasFailed: StatusCode === "InternalError" || StatusCode === "Forbidden",
    points: times.map((time, at) => ({ time: instantOf(time, 1000), value: values[at] ?? null })),
  };
}

export const metricMethods: readonly PluginMethod[] = [getMetricData, putMetricData];
