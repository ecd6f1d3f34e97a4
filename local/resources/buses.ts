/** `AWS::Events::EventBus` and `AWS::Events::Rule`: which event goes into which queues. */
import { compilePattern, type Pattern } from '../bus/pattern.ts';
import type { Stack } from '../template/stack.ts';

export interface RuleSpec {
  readonly busName: string;
  readonly pattern: Pattern;
  /** What the pattern was made of. */
  readonly eventPattern: unknown;
  readonly queueArns: readonly string[];
}

export interface BusSpec {
  readonly name: string;
  readonly arn: string;
}

export function readBuses(stack: Stack): BusSpec[] {
  return stack.ofType('AWS::Events::EventBus').map(({ ref, attribute, properties }) => {
    properties
      .inert('describes the bus', 'Name', 'Description', 'Tags', 'LogConfig')
      .inert('permissions and encryption are AWS’s', 'Policy', 'KmsKeyIdentifier')
      .inert('a local delivery is a row in the same database and cannot fail on its own', 'DeadLetterConfig');
    return { name: ref, arn: attribute('Arn') ?? '' };
  });
}

export function readRules(stack: Stack): RuleSpec[] {
  return stack.ofType('AWS::Events::Rule').map(({ properties }) => {
    properties
      .inert('describes the rule', 'Name', 'Description', 'Tags')
      .inert('permissions are AWS’s', 'RoleArn');
    properties.oneOf('State', ['ENABLED'], 'ENABLED');
    const eventPattern = properties.json('EventPattern');
    const compiled = compilePattern(eventPattern);
    if (!compiled.ok) {
      return properties.fail(
        `EventPattern is malformed at ${compiled.path || 'its root'}: ${compiled.message}`,
      );
    }
    const queueArns = properties.objects('Targets').map((target) => {
      target
        .inert('names the target within the rule', 'Id')
        .inert('permissions are AWS’s', 'RoleArn')
        .inert(
          'a local delivery is a row in the same database and cannot fail',
          'RetryPolicy',
          'DeadLetterConfig',
        );
      const arn = target.text('Arn');
      if (!arn.startsWith('arn:aws:sqs:'))
        target.fail(`only queues are targets in the local run, found ${arn}.`);
      return arn;
    });
    return {
      busName: properties.text('EventBusName', 'default'),
      pattern: compiled.pattern,
      eventPattern,
      queueArns,
    };
  });
}
