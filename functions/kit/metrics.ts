/** Metrics as log lines that CloudWatch reads, under the function's name. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Adds to a metric of this function. */
export type Count = (metric: string, by: number) => void;

export const count: Count = (metric, by) => publish(metric, MetricUnit.Count, by);

/** Adds a duration to a metric of this function, in seconds. */
export function measure(metric: string, seconds: number): void {
  publish(metric, MetricUnit.Seconds, seconds);
}

function publish(metric: string, unit: (typeof MetricUnit)[keyof typeof MetricUnit], value: number): void {
  const metrics = new Metrics();
  metrics.addMetric(metric, unit, value);
  metrics.publishStoredMetrics();
}
