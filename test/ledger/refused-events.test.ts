/** An event that was refused is listed once a day for the same content, and a delivery is known for a week. */
import { beforeEach, describe, expect, it } from 'vitest';
import { allChannels, type Channel } from '../../core/channels.ts';
import {
  isDelivered,
  listExceptions,
  listRefusedEvent,
  listUnreadable,
  noteDelivered,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { noon, testContext } from '../support/world.ts';

const dayMs = 86_400_000;
let store: ReturnType<typeof createMemoryStore>;
let ledger: LedgerContext;
beforeEach(() => {
  store = createMemoryStore();
  ledger = testContext(store);
});
const web = allChannels([]).get('web') as Channel;
const app = allChannels([]).get('app') as Channel;

describe('a refused event', () => {
  const refused = (putAt: number, content = 'the same') =>
    listRefusedEvent(
      ledger,
      {
        subject: 'web:1',
        source: 'philia.channel.web',
        detailType: 'PurchaseRecorded',
        content,
        errors: [{ path: 'totalMinor', message: 'must be 1' }],
        putAt,
      },
      putAt,
    );

  it('is listed once a day', async () => {
    expect(await refused(noon)).toBe('listed');
    expect(await refused(noon + dayMs / 2 - 1)).toBe('known');
    expect(await refused(noon, 'another')).toBe('listed');
    expect(await refused(noon + dayMs)).toBe('listed');
  });
});

describe('a delivery that cannot be read', () => {
  const body = JSON.stringify({
    customer: { first_name: 'Ada', email: 'ada@example.com', phone: '+33 6 12 34 56 78' },
    note: 'For Ada \\"the first\\", from Charles',
    total: 12,
  });
  const unreadable = (now: number) =>
    listUnreadable(ledger, { channel: web, subject: 'delivery', reason: 'total is no text.', body }, now);

  it('is listed once a day, with what came and without what it says of people', async () => {
    expect([await unreadable(noon), await unreadable(noon + 1000), await unreadable(noon + dayMs)]).toEqual([
      'listed',
      'known',
      'listed',
    ]);
    const [listed] = (await listExceptions(ledger, { status: 'open', limit: 10 })).items;
    expect(listed).toMatchObject({ type: 'delivery_unreadable', subject: 'web:delivery' });
    const text = JSON.stringify(listed);
    expect(text).not.toMatch(/Ada|Charles|ada@example|12 34/);
    expect(text).toContain('"total\\":12');
  });
});

describe('a delivery', () => {
  it('is known for a week, to its own channel', async () => {
    expect(await isDelivered(ledger, web, 'd1')).toBe(false);
    await noteDelivered(ledger, web, 'd1', noon);
    expect([await isDelivered(ledger, web, 'd1'), await isDelivered(ledger, web, 'd2')]).toEqual([
      true,
      false,
    ]);
    expect(await isDelivered(ledger, app, 'd1')).toBe(false);
    const [item] = store.items().filter((one) => one.item === 'nonce');
    expect(item?.['ttl']).toBe((noon + 7 * dayMs) / 1000);
  });
});
