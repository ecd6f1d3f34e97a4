/** Metrics as log lines that CloudWatch reads, under the function's name. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Adds to a metric of this function. */
export type Count = (metric: string, by: number) => void;

export const count: Count = (metric, by) => {
  const metrics = new Metrics();
  metrics.addMetric(metric, MetricUnit.Count, by);
  metrics.publishStoredMetrics();
};
