/** Every day: how long the pass certificate still lives, as the metric that an alarm watches. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { appleState } from '../../passes/certificates.ts';
import { plainDeps } from '../deps.ts';

export interface CertificateAnswer {
  /** Null where Apple is not configured, 0 where it cannot be used. */
  readonly daysLeft: number | null;
  /** What is wrong, in plain sentences. */
  readonly problem?: string;
}

export const handler = async (): Promise<CertificateAnswer> => {
  const { now, logger, appleSecret } = plainDeps();
  const apple = appleState(await appleSecret(), now());
  if (!apple.configured) return { daysLeft: null };
  // Credentials that cannot be used are as bad as expired ones: the alarm fires, the log says why.
  const problem = 'problem' in apple ? apple.problem : undefined;
  if (problem) logger.error('The Apple Wallet credentials cannot be used', { problem });
  const daysLeft = 'problem' in apple ? 0 : apple.daysLeft;
  const metrics = new Metrics();
  metrics.addMetric('PassCertificateDaysLeft', MetricUnit.Count, daysLeft);
  metrics.publishStoredMetrics();
  return { daysLeft, ...(problem !== undefined && { problem }) };
};
