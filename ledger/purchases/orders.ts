/**
 * What shops tell of their orders becomes events of their channel. What was made of an order so far is one item; what
 * a telling adds is written with it, and the outbox puts it on the bus: so each telling is taken once, whoever else is
 * telling of the same order at that moment, and nothing that was taken is lost.
 */
import type { Channel, Channels } from '../../core/channels.ts';
import { type FieldError, fieldErrors } from '../../core/contract/errors.ts';
import { busSources } from '../../core/contract/events.ts';
import { type PurchaseId, scopedId } from '../../core/contract/ids.ts';
import { type PurchaseBody, purchase as purchaseSchema } from '../../core/contract/shapes/purchase.ts';
import { type RefundBody, refund as refundSchema } from '../../core/contract/shapes/refund.ts';
import { refuseId, refusePurchase, refuseRefund } from '../../core/intake.ts';
import type { Program } from '../../core/program.ts';
import {
  knownOrder,
  type OrderState,
  orderIdOf,
  settle,
  type ToldOfOrder,
  unknownOrder,
} from '../../core/settlement.ts';
import { type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { commit, decide } from '../store/decide.ts';
import { type ChannelEvents, fromItem, keys, type StoredOrder, toItem } from '../store/items.ts';
import { absent, asRead } from '../store/store.ts';
import { getPurchase, getRefund } from './decision.ts';

/** Whose order it is, and what it is judged by. */
export interface Shop {
  readonly channel: Channel;
  readonly channels: Channels;
  readonly program: Program;
}

/** What came of a telling: what is to be posted, which may be nothing, or why it cannot be. */
export type Observed =
  | {
      readonly type: 'taken';
      readonly purchases: readonly PurchaseBody[];
      readonly refunds: readonly RefundBody[];
    }
  | { readonly type: 'refused'; readonly errors: readonly FieldError[] };

type Event = ChannelEvents['events'][number];

/** Streams keep their records for a day: behind that nobody reads the item. */
const eventsKeptSeconds = 2 * 86_400;
const deliveriesKeptSeconds = 7 * 86_400;

function eventsItem(id: PurchaseId, number: number, events: readonly Event[], now: number) {
  const ttl = Math.floor(now / 1000) + eventsKeptSeconds;
  return toItem(keys.channelEvents(id, number), 'channelEvents', { events }, ttl);
}

function eventOf(
  { channel }: Shop,
  name: 'PurchaseRecorded' | 'PurchaseRefunded',
  body: { readonly id: string },
): Event {
  const own = name === 'PurchaseRefunded' ? withPurchase(channel, body as RefundBody) : body;
  const data = { channel: channel.id, ...own, id: scopedId(channel.id, body.id) };
  return {
    source: busSources[channel.kind],
    name,
    detail: { version: 1, idempotencyKey: `${name} ${body.id}`, data },
  };
}

function withPurchase({ id }: Channel, refund: RefundBody): RefundBody {
  return refund.purchaseId === undefined
    ? refund
    : { ...refund, purchaseId: scopedId(id, refund.purchaseId) };
}

/** Everything that the door would say of what is to be posted. */
function refusalOf(
  { channels, program }: Shop,
  purchases: readonly PurchaseBody[],
  refunds: readonly RefundBody[],
  now: number,
): readonly FieldError[] {
  const ofShape = (parsed: ReturnType<typeof purchaseSchema.safeParse | typeof refundSchema.safeParse>) =>
    parsed.success ? [] : fieldErrors(parsed.error);
  return [
    ...purchases.flatMap((body) => [
      ...ofShape(purchaseSchema.safeParse(body)),
      ...((refuseId(body.id, channels) ?? refusePurchase(body, program, now))?.errors ?? []),
    ]),
    ...refunds.flatMap((body) => [
      ...ofShape(refundSchema.safeParse(body)),
      ...((refuseId(body.id, channels) ?? refuseRefund(body, now))?.errors ?? []),
    ]),
  ];
}

interface Read {
  readonly state: OrderState;
  readonly before: StoredOrder | undefined;
}

/** What is known of an order: one that came by other means is known by its purchase. */
async function readOrder(context: LedgerContext, id: PurchaseId, orderId: string): Promise<Read> {
  const item = await context.store.get(keys.order(id));
  if (item) {
    const before = fromItem(item, 'order');
    return { state: before.state, before };
  }
  const posted = await getPurchase(context, id);
  return { state: posted ? knownOrder(orderId, posted.purchase) : unknownOrder, before: undefined };
}

/**
 * What a telling of an order would come to, without taking it.
 * @param now milliseconds since 1970
 */
export async function previewOrder(
  context: LedgerContext,
  shop: Shop,
  told: ToldOfOrder,
  now: number,
): Promise<Observed> {
  const orderId = orderIdOf(told);
  const { state } = await readOrder(context, scopedId(shop.channel.id, orderId), orderId);
  const { purchases, refunds } = settle(state, told);
  const errors = refusalOf(shop, purchases, refunds, now);
  return errors.length > 0 ? { type: 'refused', errors } : { type: 'taken', purchases, refunds };
}

/**
 * Takes what a shop tells of an order. The same once more, or something older, is nothing more to be posted.
 * @throws LedgerUnavailable when it is not certain to be taken: it is safe to repeat
 */
export async function observeOrder(
  context: LedgerContext,
  shop: Shop,
  told: ToldOfOrder,
  now: number,
): Promise<Observed> {
  const orderId = orderIdOf(told);
  const id = scopedId(shop.channel.id, orderId);
  return decide<Observed>(context, `Taking the order ${id}`, async () => {
    const { state, before } = await readOrder(context, id, orderId);
    const settled = settle(state, told);
    const purchases = await Promise.all(
      settled.purchases.map((one) => ofWhoeverBought(context, shop, id, one)),
    );
    const { refunds } = settled;
    const errors = refusalOf(shop, purchases, refunds, now);
    if (errors.length > 0) return { result: { type: 'refused', errors }, writes: [] };
    const result: Observed = { type: 'taken', purchases, refunds };
    if (JSON.stringify(settled.state) === JSON.stringify(state)) return { result, writes: [] };
    const revision = (before?.revision ?? 0) + 1;
    const events = [
      ...purchases.map((body) => eventOf(shop, 'PurchaseRecorded', body)),
      ...refunds.map((body) => eventOf(shop, 'PurchaseRefunded', body)),
    ];
    return {
      result,
      writes: [
        { put: toItem(keys.order(id), 'order', { state: settled.state, revision }), if: asRead(before) },
        ...(events.length > 0 ? [{ put: eventsItem(id, revision, events, now) }] : []),
      ],
    };
  });
}

/**
 * A further purchase of an order is of whoever has the first one by now: a guest may have claimed it.
 * @throws LedgerUnavailable while the first is still on its way, where nothing else says who bought
 */
async function ofWhoeverBought(
  context: LedgerContext,
  { channel }: Shop,
  id: PurchaseId,
  body: PurchaseBody,
): Promise<PurchaseBody> {
  if (scopedId(channel.id, body.id) === id) return body;
  const first = await getPurchase(context, id);
  if (!first && !body.member) throw new LedgerUnavailable('contended', `Taking the order ${id}`);
  const memberId = first?.memberId;
  return memberId ? { ...body, member: { memberId } } : body;
}

/** What taking a return without receipt would come to: nothing where it was posted. */
export async function previewReturn(
  context: LedgerContext,
  shop: Shop,
  refund: RefundBody,
  now: number,
): Promise<Observed> {
  const errors = refusalOf(shop, [], [refund], now);
  if (errors.length > 0) return { type: 'refused', errors };
  const known = await getRefund(context, scopedId(shop.channel.id, refund.id));
  return { type: 'taken', purchases: [], refunds: known ? [] : [refund] };
}

/** Takes a return without receipt: once, however often it is told. @throws LedgerUnavailable as `observeOrder` */
export async function observeReturn(
  context: LedgerContext,
  shop: Shop,
  refund: RefundBody,
  now: number,
): Promise<Observed> {
  const observed = await previewReturn(context, shop, refund, now);
  if (observed.type === 'refused' || observed.refunds.length === 0) return observed;
  const id = scopedId(shop.channel.id, refund.id);
  const put = eventsItem(id, 0, [eventOf(shop, 'PurchaseRefunded', refund)], now);
  await commit(context, `Taking the return ${id}`, [{ put, if: absent }]);
  return observed;
}

/** Whether a delivery was taken before, within the last seven days. */
export async function isDelivered(
  context: LedgerContext,
  channel: Channel,
  deliveryId: string,
): Promise<boolean> {
  return (await context.store.get(deliveryKey(context, channel, deliveryId))) !== undefined;
}

/** Remembers that a delivery was taken. */
export async function noteDelivered(
  context: LedgerContext,
  channel: Channel,
  deliveryId: string,
  now: number,
): Promise<void> {
  const ttl = Math.floor(now / 1000) + deliveriesKeptSeconds;
  const at = new Date(now).toISOString();
  const put = toItem(deliveryKey(context, channel, deliveryId), 'nonce', { at }, ttl);
  await commit(context, `Noting a delivery of ${channel.id}`, [{ put }]);
}

function deliveryKey(context: LedgerContext, { id }: Channel, deliveryId: string) {
  return keys.nonce(`channel ${id}`, context.sha256(deliveryId));
}
