import { Duration } from "aws-cdk-lib";
import { Dashboard, GraphWidget, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { METRIC } from "../../schemas/names.ts";

const PERIOD = Duration.minutes(5);

/** Document 004's five figures of calls, by connector, for people to look at. */
export function callsDashboard(scope: Construct, dashboardName: string): Dashboard {
  const { connector, method, outcome } = METRIC;
  const dashboard = new Dashboard(scope, "Calls", { dashboardName });

  dashboard.addWidgets(
    graph("Calls", every(METRIC.methodCalls, [connector, outcome], "Sum")),
    graph("Latency, 95 of 100", every(METRIC.methodDuration, [connector, outcome], "p95")),
  );
  dashboard.addWidgets(
    graph("Errors by method", every(METRIC.methodErrors, [connector, method], "Sum")),
    graph("Refused credentials", every(METRIC.authFailures, [connector], "Sum")),
  );
  dashboard.addWidgets(
    graph("Rate limit hits", every(METRIC.rateLimitHits, [connector], "Sum")),
    graph("Availability of vendors", every(METRIC.vendorAvailable, [connector], "Average")),
  );
  return dashboard;
}

const graph = (title: string, metric: MathExpression) =>
  new GraphWidget({ title, left: [metric], width: 12, period: PERIOD });

/** Whichever connectors and methods there are: they are not known when a stack is synthesised. */
function every(name: string, dimensions: readonly string[], statistic: string): MathExpression {
  const schema = [METRIC.namespace, ...dimensions].join(",");
  const found = `'{${schema}} MetricName="${name}"'`;
  const expression = `SEARCH(${found}, '${statistic}', ${PERIOD.toSeconds()})`;
  return new MathExpression({ expression, usingMetrics: {}, label: "", period: PERIOD });
}
