/** Who hears of which event, by which rule of the bus, and where what was left of it came from. */
import { describe, expect, it } from 'vitest';
import { busRules, consumers, eventFor, type ParsedEvent } from '../../core/contract/events.ts';
import { deadLetterQueue, deadLetterSource } from '../../core/contract/queues.ts';

const rules = new Map(busRules().map((rule) => [rule.name, rule]));

describe('the rules of the bus', () => {
  it('are one for each consumer, and for what channels send one for each kind of them', () => {
    const others = consumers.filter((name) => name !== 'purchases');
    expect([...rules].map(([name, { consumer }]) => [name, consumer])).toEqual([
      ['purchases-web', 'purchases'],
      ['purchases-store', 'purchases'],
      ['purchases-app', 'purchases'],
      ...others.map((name) => [name, name]),
    ]);
  });

  it('match by source and type, and where members are listened to, by who listens', () => {
    expect(rules.get('purchases-store')?.pattern).toEqual({
      source: ['philia.channel.store'],
      'detail-type': ['PurchaseRecorded', 'PurchaseRefunded'],
    });
    expect(rules.get('referrals')?.pattern).toEqual({
      source: ['philia.ledger'],
      'detail-type': ['PointsPosted', 'MemberMerged'],
      detail: { listeners: ['referrals'] },
    });
    expect(rules.get('messages')?.pattern).toEqual({
      source: ['philia.members'],
      'detail-type': ['CardLinkRequested'],
    });
    expect(rules.get('holds')?.pattern).toEqual({
      source: ['philia.ledger'],
      'detail-type': ['RedemptionAuthorized'],
    });
  });
});

it('an event is for its consumers, and for nobody else', () => {
  const event = (name: string) => ({ name, source: 'philia.ledger', detail: {} }) as unknown as ParsedEvent;
  const posted = event('PointsPosted');
  expect(eventFor('apple-push', posted)).toBe(posted);
  expect(() => eventFor('purchases', posted)).toThrow(
    'PointsPosted is not for purchases; it is for apple-push, google-update, samsung-update, referrals.',
  );
  expect(() => eventFor('holds', event('VoucherIssued'))).toThrow(
    'VoucherIssued is not for holds; it is for nobody.',
  );
});

describe('a dead letter', () => {
  it.each([
    ['purchases-app-dead', undefined, { consumer: 'purchases', sendTo: 'purchases-app' }],
    ['holds-dead', undefined, { consumer: 'holds', sendTo: 'holds' }],
    ['walks-dead', undefined, { consumer: 'walks', sendTo: 'walks' }],
    ['outbox-dead', undefined, { consumer: 'outbox', sendTo: null }],
    ['dead-end', undefined, { consumer: 'dead-end', sendTo: null }],
    // What could not be delivered is whose its rule is, and not that of the queue that holds it.
    ['undelivered', 'purchases-web', { consumer: 'purchases', sendTo: 'purchases-web' }],
    ['undelivered', 'holds-dead', { consumer: 'undelivered', sendTo: null }],
    ['undelivered', undefined, { consumer: 'undelivered', sendTo: null }],
    ['holds-dead', 'messages', { consumer: 'holds', sendTo: 'holds' }],
  ])('of the queue %s, meant for %s, came from whom it can be sent to again', (queue, target, source) => {
    expect(deadLetterSource(queue, target)).toEqual(source);
  });

  it('lies in a queue that is called so', () => {
    expect(deadLetterQueue('holds')).toBe('holds-dead');
  });
});
