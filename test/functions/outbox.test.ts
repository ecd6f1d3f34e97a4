/** From the table's stream to the rules of the bus: who hears of an entry. */

import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { busRules, type ConsumerName, listeners } from '../../core/contract/events.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { publish } from '../../functions/events/outbox.ts';
import type { BusEvent } from '../../functions/kit/bus.ts';
import { offerSamsung, recordPurchase, registerDevice } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item } from '../../ledger/store/store.ts';
import { compilePattern, type Json } from '../../local/bus/pattern.ts';
import { newMember } from '../support/histories.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram();
const rules = busRules().map(({ consumer, pattern }) => {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(`The rule of ${consumer} cannot be read.`);
  return { consumer, matches: compiled.pattern.matches };
});

/** Whose queues an entry's events come to, by the rules as the bus reads them. */
async function receivers(item: Item): Promise<ConsumerName[]> {
  const image = marshall(item, { removeUndefinedValues: true });
  const record = { eventName: 'INSERT', dynamodb: { NewImage: image, SequenceNumber: '1' } };
  const events: BusEvent[] = [];
  const bus = {
    put: async (some: readonly BusEvent[]) => {
      events.push(...some);
      return some.map(() => true);
    },
  };
  await publish({ Records: [record] } as never, { bus } as never);
  return events.flatMap(({ source, name, detail }) => {
    const event = { source, 'detail-type': name, detail };
    return rules.flatMap(({ consumer, matches }) => (matches(event as unknown as Json) ? [consumer] : []));
  });
}

describe('the entry of a purchase', () => {
  const store = createMemoryStore();
  const ledger = testContext(store);
  async function boughtBy(memberId: MemberId): Promise<Item> {
    await recordPurchase(ledger, program, aPurchase([1000], { member: { memberId } }), noon);
    const entries = store.items().filter(({ pk, item }) => item === 'entry' && pk.endsWith(memberId));
    const newest = entries.at(-1);
    if (!newest) throw new Error('There is no entry.');
    return newest;
  }

  it('of a member without a card on a phone is heard of by nobody', async () => {
    expect(await receivers(await boughtBy(await newMember(ledger, program)))).toEqual([]);
  });

  it('is heard of by the wallets that the card is in, and by no other', async () => {
    const memberId = await newMember(ledger, program);
    await registerDevice(ledger, { memberId, device: memberId, passType: 'p', pushToken: 't' }, 2, noon);
    expect(await receivers(await boughtBy(memberId))).toEqual(['apple-push']);
    await offerSamsung(ledger, memberId, 3, 'FR', noon);
    expect(await receivers(await boughtBy(memberId))).toEqual(['apple-push', 'samsung-update']);
  });

  it('of before, when nobody wrote down who listens, is heard of by everybody', async () => {
    const { listeners: _, ...before } = await boughtBy(await newMember(ledger, program));
    expect(await receivers(before as Item)).toEqual([...listeners]);
  });
});
