/**
 * Scheduler's context attributes in a target's input.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
import { randomUUID } from 'node:crypto';

/** The input with its `<aws.scheduler.…>` attributes filled in for a firing at `at` (milliseconds since 1970). */
export function fillContext(input: string, scheduleArn: string, at: number): string {
  const values: { readonly [name: string]: string } = {
    'schedule-arn': scheduleArn,
    'scheduled-time': `${new Date(at).toISOString().slice(0, 19)}Z`,
    'execution-id': randomUUID(),
    'attempt-number': '1',
  };
  return input.replaceAll(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (attribute, name: string) => values[name] ?? attribute,
  );
}
