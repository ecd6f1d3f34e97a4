/** `AWS::Scheduler::Schedule`. */
import { parseSchedule, type Timing } from '../schedule/expression.ts';
import { ACCOUNT, REGION } from '../template/intrinsics.ts';
import type { Stack } from '../template/stack.ts';

export interface ScheduleSpec {
  readonly id: string;
  readonly arn: string;
  readonly timing: Timing;
  readonly targetArn: string;
  /** The target's input, still with `<aws.scheduler.…>` attributes. */
  readonly input: string;
  /** A firing older than this when its turn comes is dropped, as Scheduler does. */
  readonly eventAgeMaxMs: number;
}

export function readSchedules(stack: Stack): ScheduleSpec[] {
  return stack.ofType('AWS::Scheduler::Schedule').map(({ id, properties }) => {
    properties
      .inert('describes the schedule', 'Name', 'Description')
      .inert('encryption at rest is AWS’s', 'KmsKeyArn')
      .inert('spreads load; here the window’s first moment serves', 'FlexibleTimeWindow');
    const group = properties.text('GroupName', 'default');
    properties.oneOf('State', ['ENABLED'], 'ENABLED');
    const timing = parseSchedule(
      properties.text('ScheduleExpression'),
      properties.text('ScheduleExpressionTimezone', 'UTC'),
    );
    if (!timing.ok) return properties.fail(timing.message);
    const target = properties.object('Target').inert('permissions are AWS’s', 'RoleArn');
    target.inert('Scheduler’s own dead letters are for targets that cannot be reached', 'DeadLetterConfig');
    const targetArn = target.text('Arn');
    if (!/^arn:aws:(sqs|lambda):/.test(targetArn)) target.fail(`no local target is ${targetArn}.`);
    const retry = target
      .object('RetryPolicy')
      .inert('a local target can always be reached', 'MaximumRetryAttempts');
    return {
      id,
      arn: `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/${group}/${id}`,
      timing: timing.timing,
      targetArn,
      input: target.text('Input', '{}'),
      eventAgeMaxMs: retry.number('MaximumEventAgeInSeconds', 86_400) * 1000,
    };
  });
}
