/** Metrics in CloudWatch's embedded format: a log line that becomes figures. Alarms on them are in `infra/`. */
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { METRIC } from "../../schemas/names.ts";

type Unit = "Count" | "Milliseconds" | "Seconds";
type Figures = Readonly<Record<string, readonly [value: number, unit: Unit]>>;

/**
 * Publishes figures under exactly these dimensions: at least one, since the embedded format knows no figure without. A
 * dimension never names a tenant or a unit (DESIGN decision 18).
 */
export function publishMetrics(figures: Figures, dimensions: Readonly<Record<string, string>>): void {
  const metrics = new Metrics({ namespace: METRIC.namespace, singleMetric: false });
  // The library's own would name the function.
  metrics.clearDefaultDimensions();
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
  for (const [name, [value, unit]] of Object.entries(figures)) metrics.addMetric(name, MetricUnit[unit], value);
  metrics.publishStoredMetrics();
}
