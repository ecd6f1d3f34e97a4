/**
 * What a shop tells of its orders, in any order, again and in part, and then whole: member, lots, tier and stamps end
 * as if it had been told in order. Prices are whole euros, of which each gives points by itself: a purchase's points are
 * rounded once, so that what is sold in two parts may round otherwise.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allChannels } from '../../core/channels.ts';
import { events } from '../../core/contract/events.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { OrderRefund, Sale } from '../../core/orders.ts';
import type { ToldOfOrder } from '../../core/settlement.ts';
import {
  getAccount,
  listExceptions,
  observeOrder,
  recordPurchase,
  recordRefund,
  type Shop,
  verifyLedger,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { fromItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { defaultProgram, noon, runs, testContext } from '../support/world.ts';

const shipped = defaultProgram();
// What a tier multiplies begins with the purchase behind the one that reaches it, so which comes first is not the same.
const tiers = shipped.tiers.map((tier) => ({ ...tier, multiplier: '1' })) as typeof shipped.tiers;
const program = defaultProgram({ bonuses: {}, campaigns: [], tiers });
const channels = allChannels([
  {
    id: 'shop',
    kind: 'web',
    name: 'Shop',
    adapter: 'any',
    pausedAt: null,
    createdAt: '2026-11-01T00:00:00Z',
    usedAt: '2026-11-01T00:00:00Z',
  },
]);
const shop: Shop = { channel: channels.get('shop') as Shop['channel'], channels, program };
const paidAt = '2026-11-22T10:00:00Z';

type Store = ReturnType<typeof createMemoryStore>;

/** Puts on the bus what the outbox would, once each, and posts it. */
async function post(ledger: LedgerContext, store: Store, done: Set<string>): Promise<void> {
  const items = store.items().filter(({ item }) => item === 'channelEvents');
  for (const item of items) {
    const place = `${item.pk} ${item.sk}`;
    if (done.has(place)) continue;
    done.add(place);
    for (const { name, detail } of fromItem(item, 'channelEvents').events) {
      if (name === 'PurchaseRecorded') {
        const { data, idempotencyKey } = events.PurchaseRecorded.detail.parse(detail);
        await recordPurchase(ledger, program, { ...data, channelKind: 'web' }, noon, idempotencyKey);
      } else await recordRefund(ledger, program, events.PurchaseRefunded.detail.parse(detail).data, noon);
    }
  }
}

async function open() {
  const store = createMemoryStore();
  const ledger = testContext(store);
  await putInForce(ledger, program);
  return { ledger, store, memberId: await newMember(ledger, program) };
}

interface Line {
  readonly id: string;
  readonly quantity: number;
  readonly euros: number;
}

function saleOf(memberId: MemberId, lines: readonly Line[]): Sale {
  const sold = lines.map(({ id, quantity, euros }) => ({
    id,
    sku: `SKU-${id}`,
    category: id === 'a' ? 'coffee' : 'other',
    quantity,
    amountMinor: quantity * euros * 100,
  }));
  const totalMinor = sold.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return { occurredAt: paidAt, currency: 'EUR', member: { memberId }, lines: sold, totalMinor };
}

interface Life {
  readonly sales: readonly (readonly Line[] | null)[];
  readonly refunds: readonly { readonly line: Line; readonly fails: boolean }[];
}

/** What costs nothing gives no stamp: a piece that comes for nothing beside one that is paid is not what this is about. */
const prices: Readonly<Record<string, number>> = { a: 7, b: 0, c: 260 };
const aLine = fc
  .record({ id: fc.constantFrom('a', 'b', 'c'), quantity: fc.integer({ min: 1, max: 4 }) })
  .map(({ id, quantity }): Line => ({ id, quantity, euros: prices[id] ?? 0 }));
const aLife: fc.Arbitrary<Life> = fc.record({
  sales: fc.array(fc.option(fc.uniqueArray(aLine, { selector: ({ id }) => id, minLength: 1 }), { freq: 6 }), {
    minLength: 1,
    maxLength: 3,
  }),
  refunds: fc.array(fc.record({ line: aLine, fails: fc.boolean() }), { maxLength: 3 }),
});

/** All that is told of two orders' lives, and what a reconciliation says of them in the end. */
function toldOf(lives: readonly Life[], memberId: MemberId): { told: ToldOfOrder[]; last: ToldOfOrder[] } {
  const all = lives.map(({ sales, refunds }, at) => {
    const id = `O${at}`;
    const orders = sales.map(
      (lines, revision): ToldOfOrder => ({
        type: 'order',
        order: { id, revision, sale: lines && saleOf(memberId, lines) },
      }),
    );
    const made = refunds.map(({ line: { id: lineId, quantity, euros } }, index): ToldOfOrder => {
      const lines = [{ lineId, quantity, amountMinor: quantity * euros * 100 }];
      const refund: OrderRefund = {
        id: `${id}-R${index}`,
        occurredAt: '2026-11-22T11:00:00Z',
        currency: 'EUR',
        lines,
      };
      return { type: 'refund', orderId: id, refund };
    });
    const failed = refunds.flatMap(({ fails }, index): ToldOfOrder[] =>
      fails ? [{ type: 'refund_failed', orderId: id, refundId: `${id}-R${index}` }] : [],
    );
    return { told: [...orders, ...made, ...failed], last: [...orders.slice(-1), ...made, ...failed] };
  });
  return { told: all.flatMap(({ told }) => told), last: all.flatMap(({ last }) => last) };
}

async function live(heard: (memberId: MemberId) => readonly ToldOfOrder[]) {
  const { ledger, store, memberId } = await open();
  const done = new Set<string>();
  for (const [index, told] of heard(memberId).entries()) {
    // What cannot be told whose it is before the first purchase is posted comes again.
    const again = async () => {
      await post(ledger, store, done);
      return observeOrder(ledger, shop, told, noon);
    };
    await observeOrder(ledger, shop, told, noon).catch(again);
    // Now and then the bus is slow: what comes of several tellings is posted together.
    if (index % 3 !== 1) await post(ledger, store, done);
  }
  await post(ledger, store, done);
  const account = await getAccount(ledger, memberId);
  const lots = new Map<string, number>();
  for (const { points, expiresAt, availableAt } of account?.lots ?? [])
    lots.set(`${availableAt} ${expiresAt}`, (lots.get(`${availableAt} ${expiresAt}`) ?? 0) + points);
  const verified = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 });
  return {
    debt: account?.debt,
    lots: [...lots].filter(([, points]) => points !== 0).sort(),
    tier: account?.tier,
    qualifying: Object.entries(account?.qualifying ?? {}).filter(([, points]) => points !== 0),
    stamps: Object.entries(account?.stamps ?? {}).filter(([, count]) => count !== 0),
    differences: verified.differences,
    exceptions: (await listExceptions(ledger, { status: 'open', limit: 100 })).items.map(
      ({ type, detail }) => `${type} ${detail}`,
    ),
  };
}

it('ends as if all had been told in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(aLife, { minLength: 1, maxLength: 2 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      async (lives, picks) => {
        const inOrder = await live((memberId) => toldOf(lives, memberId).told);
        const heard = await live((memberId) => {
          const { told, last } = toldOf(lives, memberId);
          return [...picks.map((pick) => told[pick % told.length] as ToldOfOrder), ...last];
        });
        expect(heard).toEqual(inOrder);
        expect(inOrder.exceptions).toEqual([]);
      },
    ),
    runs(1000),
  );
}, 300_000);
