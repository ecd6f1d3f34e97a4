/**
 * The one table of events on the bus `philia`. The bus rules, the JSON Schemas and the consumers' parsers
 * are all made from it. Channels send the first group; the ledger's outbox sends the second, one
 * self-contained event per ledger entry, at least once; consumers drop what they have by (memberId, version).
 */
import * as z from 'zod';
import { type ChannelKind, channelId, channelKinds, idSchema, ownIdMax } from './ids.ts';
import { balance, instant } from './shapes/basics.ts';
import { recordedPurchase } from './shapes/purchase.ts';
import { recordedRefund } from './shapes/refund.ts';

/** By the kind of the channel, so that a further channel is no further rule: which one it is, the event's data say. */
export const busSources = {
  web: 'philia.channel.web',
  store: 'philia.channel.store',
  app: 'philia.channel.app',
} as const satisfies Record<ChannelKind, string>;
export const ledgerSource = 'philia.ledger';
export const membersSource = 'philia.members';
/** What shops deliver to us, before it is known what it comes to. */
export const deliveriesSource = 'philia.deliveries';

/**
 * What an event may take on the bus, in bytes. EventBridge takes 1 MB since January 2026 and 256 KB where it has not
 * come yet; it is also as much as the door takes as a body.
 */
export const eventBytesMax = 256 * 1024;

/** The envelope of every channel event: `detail` of the EventBridge event. */
function channelDetail<T extends z.ZodType>(data: T) {
  return z.strictObject({ version: z.literal(1), idempotencyKey: z.string().min(1).max(255), data });
}

/**
 * Consumers that hear only of the members whom they have something to do for: the account says which do, each of its
 * entries with it, and their rules ask for it.
 */
export const listeners = [
  'apple-push',
  'google-update',
  'samsung-update',
  'referrals',
] as const satisfies readonly ConsumerName[];
export type Listener = (typeof listeners)[number];

/** What a ledger event says: who, which entry, why, and the balances on both sides of it. */
export const ledgerDetail = z
  .strictObject({
    version: z.int().min(1).describe("The member's ledger sequence: consumers never go back."),
    memberId: idSchema('member'),
    entryId: idSchema('entry'),
    entryType: z.string(),
    cause: z.strictObject({ type: z.string(), id: z.string() }),
    occurredAt: instant,
    recordedAt: instant,
    programVersion: z.int(),
    points: z.int().describe('The change of available and pending points together.'),
    balance: z.strictObject({ before: balance, after: balance }),
    // Events of before lack it, and may lie in a queue or among the dead letters still.
    listeners: z
      .array(z.enum(listeners))
      .optional()
      .describe('Who has something to do for this member: the consumers among these hear of nobody else.'),
  })
  .meta({ id: 'LedgerDetail' });
export type LedgerDetail = z.infer<typeof ledgerDetail>;

/** A ledger event with the vouchers that its entry issued. */
export const voucherDetail = ledgerDetail
  .extend({
    vouchers: z.array(
      z.strictObject({
        voucherId: idSchema('voucher'),
        rewardId: z.string(),
        expiresAt: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'VoucherDetail' });

/** A ledger event with the points that lapse in a month. */
export const noticeDetail = ledgerDetail
  .extend({ expiring: z.strictObject({ points: z.int(), at: instant }) })
  .meta({ id: 'NoticeDetail' });

/** A ledger event with the hold that its entry opened. */
export const holdDetail = ledgerDetail
  .extend({ redemption: z.strictObject({ redemptionId: idSchema('redemption'), expiresAt: instant }) })
  .meta({ id: 'HoldDetail' });

/** Who follows what a card shows. An event that cards follow names them, and nothing else has to. */
const cards = ['apple-push', 'google-update', 'samsung-update'] as const;

const channelSources = channelKinds.map((kind) => busSources[kind]);

export const events = {
  PurchaseRecorded: {
    sources: channelSources,
    detail: channelDetail(recordedPurchase),
    consumers: ['purchases'],
    summary: 'A channel sold something.',
  },
  PurchaseRefunded: {
    sources: channelSources,
    detail: channelDetail(recordedRefund),
    consumers: ['purchases'],
    summary: 'A channel took something back.',
  },
  OrderChanged: {
    sources: [deliveriesSource],
    detail: z.strictObject({
      version: z.literal(1),
      channel: channelId,
      orderId: z.string().min(1).max(ownIdMax),
    }),
    consumers: ['orders'],
    summary: 'A shop says that something about an order has changed, and nothing more: it is asked what.',
  },
  MemberEnrolled: {
    sources: [ledgerSource],
    detail: ledgerDetail,
    consumers: [],
    summary: 'A member joined; always version 1.',
  },
  MemberUpdated: {
    sources: [ledgerSource],
    detail: ledgerDetail,
    consumers: cards,
    summary: "Something the card shows changed without points: the member's name or language.",
  },
  PointsPosted: {
    sources: [ledgerSource],
    detail: ledgerDetail,
    consumers: [...cards, 'referrals'],
    summary: 'Points were earned, given, clawed back, activated, expired, set aside or came back.',
  },
  RedemptionAuthorized: {
    sources: [ledgerSource],
    detail: holdDetail,
    consumers: ['holds'],
    summary: 'Points were set aside for a redemption, until it is captured, cancelled or its time is over.',
  },
  RewardRedeemed: {
    sources: [ledgerSource],
    detail: ledgerDetail,
    consumers: cards,
    summary: 'Points were spent on a reward; the cause names the redemption.',
  },
  VoucherRedeemed: {
    sources: [ledgerSource],
    detail: ledgerDetail,
    consumers: cards,
    summary: 'A voucher was used; the cause names it.',
  },
  MemberMerged: {
    sources: [ledgerSource],
    detail: ledgerDetail,
    consumers: [...cards, 'referrals'],
    summary:
      'Two members became one, or were parted again, with the points and the tier: one event on either side, whose cause names the other member.',
  },
  MemberErased: {
    sources: [ledgerSource],
    detail: ledgerDetail,
    consumers: cards,
    summary: 'A member left: the last entry there will be.',
  },
  TierChanged: {
    sources: [ledgerSource],
    detail: ledgerDetail,
    consumers: cards,
    summary: 'The tier changed, with the same entry as points or by its validity ending.',
  },
  PointsExpiring: {
    sources: [ledgerSource],
    detail: noticeDetail,
    consumers: cards,
    summary: 'Points lapse in a month; said once for each date.',
  },
  VoucherIssued: {
    sources: [ledgerSource],
    detail: voucherDetail,
    consumers: [],
    summary: 'Vouchers were issued, with the same entry as the stamps or points that paid for them.',
  },
  CardLinkRequested: {
    sources: [membersSource],
    detail: z.strictObject({
      version: z.literal(1),
      memberId: idSchema('member'),
      // Events of before lack it.
      contact: z.enum(['email', 'phone']).optional(),
      requestedAt: instant,
    }),
    consumers: ['messages'],
    summary: 'Somebody asked for the link to their card, which confirms the contact that it is sent to.',
  },
} as const satisfies Record<
  string,
  { sources: readonly string[]; detail: z.ZodType; consumers: readonly ConsumerName[]; summary: string }
>;

export type EventName = keyof typeof events;

/** Functions that are fed by a queue behind a bus rule. */
export const consumers = [
  'purchases',
  'orders',
  'apple-push',
  'google-update',
  'samsung-update',
  'referrals',
  'messages',
  'holds',
] as const;
export type ConsumerName = (typeof consumers)[number];

/** Whose dead letters can be sent again: those of the consumers, entries that could not be published, and whom a walk could not handle. */
export const deadLetterConsumers = [...consumers, 'outbox', 'walks'] as const;
export type DeadLetterConsumer = (typeof deadLetterConsumers)[number];

/** One bus rule: the events of one consumer, apart for each kind of channel where channels send them. */
export interface BusRule {
  readonly name: string;
  readonly consumer: ConsumerName;
  readonly pattern: {
    readonly source: readonly string[];
    readonly 'detail-type': readonly string[];
    /** For a consumer that listens: only of members whose event names it. */
    readonly detail?: { readonly listeners: readonly [Listener] };
  };
}

function listenerOf(consumer: ConsumerName): Listener | undefined {
  return listeners.find((one) => one === consumer);
}

/** The rules of a bus, made from the table: a rule per kind of channel for channel events, one per consumer else. */
export function busRules(): BusRule[] {
  return consumers.flatMap((consumer): BusRule[] => {
    const consumed = (Object.keys(events) as EventName[]).filter((name) =>
      (events[name].consumers as readonly string[]).includes(consumer),
    );
    const sources = new Set(consumed.flatMap((name) => events[name].sources as readonly string[]));
    const ofKinds = channelKinds.filter((kind) => sources.has(busSources[kind]));
    if (ofKinds.length > 0)
      return ofKinds.map((kind) => ({
        name: `${consumer}-${kind}`,
        consumer,
        pattern: { source: [busSources[kind]], 'detail-type': consumed },
      }));
    const listener = listenerOf(consumer);
    const detail = listener && { listeners: [listener] as const };
    const pattern = { source: [...sources], 'detail-type': consumed, ...(detail && { detail }) };
    return [{ name: consumer, consumer, pattern }];
  });
}

/** The parts of an EventBridge event that consumers read. */
export const envelope = z.looseObject({
  id: z.string(),
  source: z.string(),
  'detail-type': z.string(),
  detail: z.unknown(),
});

export type ParsedEvent = {
  [N in EventName]: { name: N; source: string; detail: z.infer<(typeof events)[N]['detail']> };
}[EventName];

/**
 * Parses an EventBridge event by the table.
 * @throws Error when the detail type is unknown or comes from a source that may not send it
 * @throws z.ZodError when the detail is not of its schema
 */
export function parseEvent(raw: unknown): ParsedEvent {
  const { source, 'detail-type': name, detail } = envelope.parse(raw);
  const known = Object.hasOwn(events, name) ? events[name as EventName] : undefined;
  if (!known)
    throw new Error(`The event type ${name} is not known; known are ${Object.keys(events).join(', ')}.`);
  if (!(known.sources as readonly string[]).includes(source))
    throw new Error(`${source} may not send ${name}; allowed are ${known.sources.join(', ')}.`);
  return { name, source, detail: known.detail.parse(detail) } as ParsedEvent;
}

/** The events that the table gives to a consumer. */
export type EventFor<C extends ConsumerName> = {
  [N in EventName]: C extends (typeof events)[N]['consumers'][number]
    ? Extract<ParsedEvent, { name: N }>
    : never;
}[EventName];

/** @throws Error for an event that the table does not give to the consumer */
export function eventFor<C extends ConsumerName>(consumer: C, event: ParsedEvent): EventFor<C> {
  const { consumers: receivers } = events[event.name];
  if (!(receivers as readonly string[]).includes(consumer))
    throw new Error(`${event.name} is not for ${consumer}; it is for ${receivers.join(', ') || 'nobody'}.`);
  return event as EventFor<C>;
}
