/** Every day: how long the pass certificate still lives, as the metric that an alarm watches. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { parseAppleCredentials } from '../passes/apple/credentials.ts';
import { plainDeps } from './deps.ts';

const dayMs = 86_400_000;

export interface CertificateAnswer {
  /** Null where Apple is not configured, 0 where it cannot be used. */
  readonly daysLeft: number | null;
  /** What is wrong, in plain sentences. */
  readonly problem?: string;
}

export const handler = async (): Promise<CertificateAnswer> => {
  const { now, logger, appleSecret } = plainDeps();
  const at = now();
  const credentials = parseAppleCredentials(await appleSecret(), at);
  if (credentials === null) return { daysLeft: null };
  // Credentials that cannot be used are as bad as expired ones: the alarm fires, the log says why.
  const problem = 'problem' in credentials ? credentials.problem : undefined;
  if (problem) logger.error('The Apple Wallet credentials cannot be used', { problem });
  const daysLeft = 'problem' in credentials ? 0 : Math.floor((credentials.notAfter - at) / dayMs);
  const metrics = new Metrics();
  metrics.addMetric('PassCertificateDaysLeft', MetricUnit.Count, daysLeft);
  metrics.publishStoredMetrics();
  return { daysLeft, ...(problem !== undefined && { problem }) };
};
