/**
 * What the door refuses beyond a body's shape: sums, currencies and dates. The same holds for events that channels put
 * on the bus themselves, and there also what the door says of them by itself: whose they are.
 */
import { type Channel, type Channels, channelBefore, channelNames, sellerOf } from './channels.ts';
import { type ErrorCode, type FieldError, fieldErrors } from './contract/errors.ts';
import { busSources, events } from './contract/events.ts';
import { type ChannelKind, channelKinds, channelOf, newOwnId, ownIdHelp } from './contract/ids.ts';
import type { PurchaseBody, RecordedPurchase } from './contract/shapes/purchase.ts';
import type { RecordedRefund } from './contract/shapes/refund.ts';
import { isCurrency } from './money.ts';
import type { Program } from './program.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
}

/** Clocks of tills and servers may differ by this much. */
export const aheadMaxMs = 5 * 60_000;
export const backMaxMs = 400 * 86_400_000;
/** How far back an import may go: a shop's history has no end. */
export const anyAge = Number.POSITIVE_INFINITY;

function refuseInstant(
  occurredAt: string,
  now: number,
  slackMs: number,
  backMs: number,
): Refusal | undefined {
  const at = Date.parse(occurredAt);
  const limits = { code: 'invalid_request' as const };
  if (at > now + aheadMaxMs + slackMs)
    return { ...limits, errors: [{ path: 'occurredAt', message: 'must be at most 5 minutes ahead' }] };
  if (at < now - backMs - slackMs)
    return { ...limits, errors: [{ path: 'occurredAt', message: 'must be at most 400 days back' }] };
  return undefined;
}

function refuseCurrency(currency: string, program: Program): Refusal | undefined {
  if (Object.hasOwn(program.currencies, currency)) return undefined;
  const known = Object.keys(program.currencies).join(', ');
  return {
    code: 'currency_not_supported',
    errors: [{ path: 'currency', message: `must be one of ${known}; ${currency} is not` }],
  };
}

/**
 * Why a purchase is refused, or undefined when it may pass.
 * @param slackMs by how much its date may be further away, for whoever judges it later than the door
 * @param backMs how old it may be
 */
export function refusePurchase(
  body: Omit<PurchaseBody, 'id'>,
  program: Program,
  now: number,
  slackMs = 0,
  backMs = backMaxMs,
): Refusal | undefined {
  const sum = body.lines.reduce((total, line) => total + line.amountMinor, body.shippingMinor ?? 0);
  if (sum !== body.totalMinor)
    return {
      code: 'total_mismatch',
      errors: [
        {
          path: 'totalMinor',
          message: `must be ${sum}, the lines and shipping added up, not ${body.totalMinor}`,
        },
      ],
    };
  return refuseCurrency(body.currency, program) ?? refuseInstant(body.occurredAt, now, slackMs, backMs);
}

/**
 * Why a refund is refused, or undefined when it may pass. What its currency has to be, its purchase says: that may be
 * one which the programme has no rate for any more.
 */
export function refuseRefund(
  body: { readonly currency: string; readonly occurredAt: string },
  now: number,
  slackMs = 0,
  backMs = backMaxMs,
): Refusal | undefined {
  if (!isCurrency(body.currency))
    return {
      code: 'currency_not_supported',
      errors: [{ path: 'currency', message: `must be an ISO 4217 currency; ${body.currency} is not` }],
    };
  return refuseInstant(body.occurredAt, now, slackMs, backMs);
}

/** Why a channel may not call something new so, whatever channels there are; undefined where it may. */
export function refuseId(id: string, channels: Channels): Refusal | undefined {
  if (!channelBefore(id, channels)) return undefined;
  return { code: 'invalid_request', errors: [{ path: 'id', message: ownIdHelp }] };
}

// On the bus ------------------------------------------------------------------------------------------------

/** EventBridge cuts its time to seconds, and whoever puts an event on the bus may have tried for a while. */
const busSlackMs = 60_000;
/** The archive keeps events for 30 days, a queue and its dead letters for 14 each: no event comes later. */
const replayedMaxMs = 60 * 86_400_000;

type ChannelEventName = 'PurchaseRecorded' | 'PurchaseRefunded';

export function isChannelEvent(name: string): name is ChannelEventName {
  return name === 'PurchaseRecorded' || name === 'PurchaseRefunded';
}

/** What came from the bus, fit to be posted, or why not: fields are named from the event's root. */
export type ChannelEvent =
  | {
      readonly type: 'purchase';
      readonly channel: Channel;
      readonly purchase: RecordedPurchase;
      readonly key: string;
    }
  | { readonly type: 'refund'; readonly channel: Channel; readonly refund: RecordedRefund }
  | { readonly type: 'refused'; readonly errors: readonly FieldError[] };

/**
 * An event of a channel as the door would have let it pass when it was put on the bus: the envelope's time is what it
 * is judged by, so that one that was delayed or replayed is not judged by the day it comes, and what was put there
 * before its channel was paused is posted.
 * @param name its detail type
 */
export function readChannelEvent(
  name: ChannelEventName,
  event: { readonly source: string; readonly time?: unknown; readonly detail?: unknown },
  program: Program,
  channels: Channels,
  now: number,
): ChannelEvent {
  const refused = (errors: readonly FieldError[]): ChannelEvent => ({ type: 'refused', errors });
  const kind = channelKinds.find((one) => busSources[one] === event.source);
  if (kind === undefined) return refused([{ path: 'source', message: 'is not that of a channel' }]);
  const at = typeof event.time === 'string' ? Date.parse(event.time) : Number.NaN;
  // Whoever puts an event may say when: not at will, since its dates are judged by that.
  if (!(at <= now + aheadMaxMs + busSlackMs && at >= now - replayedMaxMs))
    return refused([{ path: 'time', message: 'must be within the last 60 days' }]);
  if (name === 'PurchaseRecorded') {
    const parsed = events[name].detail.safeParse(event.detail);
    if (!parsed.success) return refused(below('detail', fieldErrors(parsed.error)));
    const purchase = parsed.data.data;
    const channel = channels.get(purchase.channel);
    const errors = [
      ...foreign(kind, purchase, channel, channels, at),
      ...(refusePurchase(purchase, program, at, busSlackMs)?.errors ?? []),
    ];
    return errors.length > 0 || !channel
      ? refused(below('detail.data', errors))
      : {
          type: 'purchase',
          channel,
          purchase: { ...purchase, ...sellerOf(channel) },
          key: parsed.data.idempotencyKey,
        };
  }
  const parsed = events[name].detail.safeParse(event.detail);
  if (!parsed.success) return refused(below('detail', fieldErrors(parsed.error)));
  const refund = parsed.data.data;
  const channel = channels.get(refund.channel);
  const errors = [
    ...foreign(kind, refund, channel, channels, at),
    ...(refuseRefund(refund, at, busSlackMs)?.errors ?? []),
  ];
  return errors.length > 0 || !channel
    ? refused(below('detail.data', errors))
    : { type: 'refund', channel, refund };
}

function below(root: string, errors: readonly FieldError[]): FieldError[] {
  return errors.map(({ path, message }) => ({ path: path === '' ? root : `${root}.${path}`, message }));
}

/** What in an event says that it is no channel's, or another one's than a source of this kind may send. */
function foreign(
  kind: ChannelKind,
  body: Pick<RecordedPurchase, 'channel' | 'id'>,
  channel: Channel | undefined,
  channels: Channels,
  at: number,
): FieldError[] {
  const own = body.id.slice(body.id.indexOf(':') + 1);
  const parsed = newOwnId.safeParse(own);
  const named = channelBefore(own, channels);
  const wrong = (path: string, message: string) => [{ path, message }];
  return [
    ...(channel ? [] : wrong('channel', `must be a channel that there is: ${channelNames(channels)}`)),
    ...(channel && channel.kind !== kind
      ? wrong('channel', `must be of the kind ${kind}, whose source sent it, and is of ${channel.kind}`)
      : []),
    ...(channel && heldAt(channel.pausedAt, at)
      ? wrong('channel', `is paused since ${channel.pausedAt}`)
      : []),
    ...(channelOf(body.id) === body.channel ? [] : wrong('id', `must begin with ${body.channel}:`)),
    ...(parsed.success ? [] : below('id', fieldErrors(parsed.error))),
    ...(named && heldAt(named.createdAt, at) ? wrong('id', ownIdHelp) : []),
  ];
}

/** Whether something held when an event was put on the bus, so that the door would not have let it pass. */
function heldAt(since: string | null, at: number): boolean {
  return since !== null && at > Date.parse(since) + busSlackMs;
}
