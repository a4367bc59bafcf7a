/**
 * Metrics in CloudWatch's embedded metric format: a line on standard output that becomes figures.
 * Alarms on them are in `infra/`.
 */
import { ENV, METRIC } from "../../schemas/names.ts";

type Unit = "Count" | "Milliseconds" | "Seconds";
type Figures = Readonly<Record<string, readonly [value: number, unit: Unit]>>;

/**
 * Publishes figures under exactly these dimensions: at least one, since an alarm names what it is
 * about. A dimension never names a tenant or a unit (decision 18). Prints nothing where the
 * environment says `INLET_METRICS=off`.
 */
export function publishMetrics(
  figures: Figures,
  dimensions: Readonly<Record<string, string>>,
): void {
  if (process.env[ENV.metrics] === "off") return;
  const { namespace: Namespace } = METRIC;
  const Metrics = Object.entries(figures).map(([Name, [, Unit]]) => ({ Name, Unit }));
  const CloudWatchMetrics = [{ Namespace, Dimensions: [Object.keys(dimensions)], Metrics }];
  const values = Object.fromEntries(
    Object.entries(figures).map(([name, [value]]) => [name, value]),
  );

  const line = { _aws: { Timestamp: Date.now(), CloudWatchMetrics }, ...dimensions, ...values };
  // Not by `console`, which Lambda puts a time and a request id before.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
