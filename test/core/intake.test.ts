/** What channels put on the bus themselves: judged as the door would have when it was put there. */
import { describe, expect, it } from 'vitest';
import { allChannels } from '../../core/channels.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { readChannelEvent, refusePurchase } from '../../core/intake.ts';
import { aPurchase, aRefund, defaultProgram, noon } from '../support/world.ts';

const program = defaultProgram();
const channels = allChannels([]);
const minute = 60_000;
const day = 86_400_000;

function read(
  name: 'PurchaseRecorded' | 'PurchaseRefunded',
  data: unknown,
  { source = 'philia.channel.store', time = utc(noon) as unknown } = {},
) {
  const detail = { version: 1, idempotencyKey: 'a key', data };
  return readChannelEvent(name, { source, time, detail }, program, channels, noon);
}

describe('an event of a channel', () => {
  const purchase = aPurchase([1000]);

  it('is its purchase with its key, or its refund', () => {
    expect(read('PurchaseRecorded', purchase)).toEqual({
      type: 'purchase',
      channel: channels.get('store'),
      purchase,
      key: 'a key',
    });
    const refund = aRefund(purchase, 400);
    expect(read('PurchaseRefunded', refund)).toEqual({
      type: 'refund',
      channel: channels.get('store'),
      refund,
    });
  });

  it('of nobody who is a channel is refused for its source', () => {
    expect(read('PurchaseRecorded', purchase, { source: 'philia.channel.other' })).toEqual({
      type: 'refused',
      errors: [{ path: 'source', message: 'is not that of a channel' }],
    });
  });

  it('was put there within the last 60 days, and not further ahead than clocks differ', () => {
    const late = { type: 'refused', errors: [{ path: 'time', message: 'must be within the last 60 days' }] };
    const at = (time: number) =>
      read('PurchaseRecorded', { ...purchase, occurredAt: utc(time) }, { time: utc(time) });
    for (const time of [noon, noon + 6 * minute, noon - 60 * day])
      expect(at(time), utc(time)).toMatchObject({ type: 'purchase' });
    for (const time of [noon + 6 * minute + 1000, noon - 60 * day - 1000])
      expect(at(time), utc(time)).toEqual(late);
    for (const time of [noon, 'yesterday', null])
      expect(read('PurchaseRecorded', purchase, { time })).toEqual(late);
  });

  it('of what another channel has sold is refused by its fields', () => {
    const errors = [
      {
        path: 'detail.data.channel',
        message: 'must be of the kind web, whose source sent it, and is of store',
      },
    ];
    for (const [name, data] of [
      ['PurchaseRecorded', purchase],
      ['PurchaseRefunded', aRefund(purchase, 1)],
    ] as const)
      expect(read(name, data, { source: 'philia.channel.web' })).toEqual({ type: 'refused', errors });
  });

  it('names what is wrong with it from its root', () => {
    expect(read('PurchaseRecorded', { ...purchase, totalMinor: 999 })).toMatchObject({
      errors: [{ path: 'detail.data.totalMinor' }],
    });
    for (const name of ['PurchaseRecorded', 'PurchaseRefunded'] as const)
      expect(read(name, { ...purchase, currency: 7 })).toMatchObject({
        type: 'refused',
        errors: expect.arrayContaining([expect.objectContaining({ path: 'detail.data.currency' })]),
      });
    expect(
      read('PurchaseRefunded', { ...aRefund(purchase, 1), occurredAt: utc(noon + 7 * minute) }),
    ).toMatchObject({
      errors: [{ path: 'detail.data.occurredAt', message: 'must be at most 5 minutes ahead' }],
    });
  });
});

it('a purchase is in a currency of the programme, and as much as its lines and shipping', () => {
  const { errors, code } = refusePurchase({ ...aPurchase([100]), currency: 'CHF' }, program, noon) ?? {};
  expect(code).toBe('currency_not_supported');
  const known = Object.keys(program.currencies).join(', ');
  expect(errors).toEqual([{ path: 'currency', message: `must be one of ${known}; CHF is not` }]);
  // One that every object has is none of the programme's.
  expect(refusePurchase({ ...aPurchase([100]), currency: 'constructor' }, program, noon)).toBeDefined();
  const shipped = { ...aPurchase([100, 50]), shippingMinor: 30 };
  expect(refusePurchase({ ...shipped, totalMinor: 180 }, program, noon)).toBeUndefined();
  expect(refusePurchase({ ...shipped, totalMinor: 150 }, program, noon)).toEqual({
    code: 'total_mismatch',
    errors: [{ path: 'totalMinor', message: 'must be 180, the lines and shipping added up, not 150' }],
  });
});

describe('the date of a purchase', () => {
  it('is at most five minutes ahead and 400 days back, to the moment', () => {
    const at = (time: number) =>
      refusePurchase({ ...aPurchase([100]), occurredAt: utc(time) }, program, noon);
    for (const time of [noon + 5 * minute, noon - 400 * day]) expect(at(time), utc(time)).toBeUndefined();
    expect(at(noon + 5 * minute + 1)).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'occurredAt', message: 'must be at most 5 minutes ahead' }],
    });
    expect(at(noon - 400 * day - 1)).toMatchObject({
      errors: [{ path: 'occurredAt', message: 'must be at most 400 days back' }],
    });
  });
});
