/** What differs between a trial and the real thing: only what may be lost and how long logs are kept. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

export const stages = ['dev', 'prod'] as const;
export type Stage = (typeof stages)[number];

/**
 * @param given the context value `stage`, as from `-c stage=prod`; `dev` when absent
 * @throws Error when it is not a stage
 */
export function parseStage(given: unknown = 'dev'): Stage {
  const stage = stages.find((one) => one === given);
  if (!stage) throw new Error(`The stage ${JSON.stringify(given)} is not one of ${stages.join(', ')}.`);
  return stage;
}

/** For what cannot be made again: it outlives the stack in prod. */
export function removalOf(stage: Stage): RemovalPolicy {
  return stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}

/** Logs name members by id, so they are not kept for ever. */
export function logRetentionOf(stage: Stage): RetentionDays {
  return stage === 'prod' ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK;
}
