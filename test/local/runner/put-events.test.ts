/** What a publisher may rely on: each entry has its own result, and an accepted event is in its queues. */
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../local/bus/pattern.ts';
import { type Bus, putEvents } from '../../../local/bus/put-events.ts';
import type { Outgoing } from '../../../local/queues/store.ts';

const NOW = Date.parse('2027-03-04T05:06:07.891Z');

function rule(busName: string, source: unknown, ...queueArns: string[]): Bus['rules'][number] {
  const compiled = compilePattern({ source });
  if (!compiled.ok) throw new Error(compiled.message);
  return { busName, pattern: compiled.pattern, queueArns };
}

function openBus(): { bus: Bus; sent: Outgoing[] } {
  const sent: Outgoing[] = [];
  const bus = {
    buses: [
      { name: 'one', arn: 'arn:one' },
      { name: 'two', arn: 'arn:two' },
    ],
    rules: [
      rule('one', ['shop'], 'q1', 'q2'),
      rule('one', [{ prefix: 's' }], 'q3'),
      rule('two', ['shop'], 'q4'),
    ],
    clock: () => NOW,
    send: (messages: readonly Outgoing[]) => {
      sent.push(...messages);
    },
  };
  return { bus, sent };
}

const entry = { Source: 'shop', DetailType: 'Sold', Detail: '{"a":1}', EventBusName: 'one' };

describe('an accepted event', () => {
  it('goes to every target of every rule of its bus that matches, in the service’s envelope', () => {
    const { bus, sent } = openBus();
    const answer = putEvents(bus, [{ ...entry, Resources: ['arn:x'] }]);
    expect(sent.map(({ queueArn }) => queueArn)).toEqual(['q1', 'q2', 'q3']);
    const id =
      answer.ok && answer.results[0] && 'EventId' in answer.results[0] ? answer.results[0].EventId : '';
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      version: '0',
      id,
      'detail-type': 'Sold',
      source: 'shop',
      account: '000000000000',
      time: '2027-03-04T05:06:07Z',
      region: 'eu-west-1',
      resources: ['arn:x'],
      detail: { a: 1 },
    });
  });

  it('may name its bus by ARN and its own time', () => {
    const { bus, sent } = openBus();
    putEvents(bus, [{ ...entry, EventBusName: 'arn:two', Time: 1_000_000_000 }]);
    expect(sent.map(({ queueArn }) => queueArn)).toEqual(['q4']);
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ time: '2001-09-09T01:46:40Z' });
  });

  it('that nobody wants is accepted and goes nowhere', () => {
    const { bus, sent } = openBus();
    const answer = putEvents(bus, [{ ...entry, Source: 'else' }]);
    expect(answer).toMatchObject({ ok: true, results: [{ EventId: expect.any(String) }] });
    expect(sent).toEqual([]);
  });
});

describe('a refused entry', () => {
  it.each<[string, object, string]>([
    ['without source', { Source: undefined }, 'InvalidArgument'],
    ['with an empty source', { Source: '' }, 'InvalidArgument'],
    ['with a source of AWS’s own', { Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
    ['without detail type', { DetailType: undefined }, 'InvalidArgument'],
    ['without detail', { Detail: undefined }, 'InvalidArgument'],
    ['whose detail is no JSON', { Detail: '{' }, 'MalformedDetail'],
    ['whose detail is a list', { Detail: '[]' }, 'MalformedDetail'],
    ['for a bus that is not there', { EventBusName: 'three' }, 'InvalidEventBusNameException'],
    ['for the default bus, which is not there', { EventBusName: undefined }, 'InvalidEventBusNameException'],
  ])('%s does not spoil the others', (_, change, code) => {
    const { bus, sent } = openBus();
    const answer = putEvents(bus, [entry, { ...entry, ...change }, { ...entry, Source: 'side' }]);
    expect(answer).toMatchObject({
      results: [{ EventId: expect.any(String) }, { ErrorCode: code }, { EventId: expect.any(String) }],
    });
    expect(sent.map(({ queueArn }) => queueArn)).toEqual(['q1', 'q2', 'q3', 'q3']);
  });
});

describe('a refused request', () => {
  it.each<[string, unknown]>([
    ['without entries', undefined],
    ['with no entries', []],
    ['with eleven entries', new Array(11).fill(entry)],
    ['over a megabyte in all', [entry, { ...entry, Detail: JSON.stringify({ a: 'x'.repeat(1024 * 1024) }) }]],
  ])('%s writes nothing', (_, entries) => {
    const { bus, sent } = openBus();
    expect(putEvents(bus, entries)).toMatchObject({ ok: false, type: 'ValidationException' });
    expect(sent).toEqual([]);
  });
});
