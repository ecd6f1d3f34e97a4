/**
 * What a store card shows of a card's view, and where: the balance in the header, which stays visible in the
 * stack of passes; the holder over the strip; at most three facts below it, which is what a phone
 * has room for in whole words (Apple takes four); everything else on the back.
 * Source: Apple, Wallet Passes, PassFields and PassFieldContent.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import { pendingNotice, pointsNotice } from '../changes.ts';
import {
  expireLaterText,
  expireText,
  foldExpiring,
  labels,
  lastMoment,
  memoized,
  nextTierText,
  notices,
  type Style,
  stampText,
  styleOf,
} from '../wording.ts';

export interface Field {
  /** Unique in the whole pass. */
  readonly key: string;
  readonly label?: string;
  readonly value: string | number;
  /** Says a change of the value on the lock screen; a field without it changes in silence. */
  readonly changeMessage?: string;
  readonly numberStyle?: 'PKNumberStyleDecimal';
  readonly dateStyle?: 'PKDateStyleMedium';
  readonly timeStyle?: 'PKDateStyleNone';
  readonly ignoresTimeZone?: true;
  readonly dataDetectorTypes?: readonly 'PKDataDetectorTypeLink'[];
}

export interface StoreCard {
  readonly headerFields: readonly Field[];
  readonly primaryFields: readonly Field[];
  readonly secondaryFields: readonly Field[];
  readonly auxiliaryFields: readonly Field[];
  readonly backFields: readonly Field[];
}

/** The fields of a view. Labels are keys of pass.strings, except where they hold a number or a name. */
export function storeCard(view: CardView, links: CardLinks): StoreCard {
  const style = styleOf(view.locale);
  return {
    headerFields: [
      said(number('points', labels.points.en, view.balance.available), pointsNotice(view.lastChange, style)),
    ],
    primaryFields: [holder(view)],
    secondaryFields: tierFields(view, style),
    auxiliaryFields: fact(view, style),
    backFields: backFields(view, links, style),
  };
}

function holder({ name, programName }: CardView): Field {
  return name === null
    ? { key: 'holder', label: labels.programme.en, value: programName }
    : { key: 'holder', label: labels.holder.en, value: name };
}

function tierFields({ tier }: CardView, style: Style): Field[] {
  const { nextTier } = tier;
  return [
    { key: 'tier', label: labels.tier.en, value: tier.name, changeMessage: notices.tier.en },
    ...(nextTier
      ? [
          {
            key: 'nextTier',
            label: labels.nextTier.en,
            value: nextTierText(nextTier.pointsMissing, nextTier.name, style),
          },
        ]
      : []),
  ];
}

/** Beside the tiers there is room for one more: what a till can take now, else what is on its way, else what lapses. */
function fact(view: CardView, style: Style): Field[] {
  const { vouchers, expiring } = view;
  return [
    ...vouchers.slice(0, 1).map(({ code, name }) => plain('voucher', name, code)),
    ...pending(view, style),
    ...expiring.slice(0, 1).map((lot) => expiry('expiring', lot, view, style)),
  ].slice(0, 1);
}

function pending({ balance, lastChange }: CardView, style: Style): Field[] {
  return positive('pending', labels.pending.en, balance.pending).map((field) =>
    said(field, pendingNotice(lastChange, style)),
  );
}

function backFields(view: CardView, links: CardLinks, style: Style): Field[] {
  const { balance, tier, vouchers, stamps, timeZone } = view;
  const { soonest, laterPoints } = foldExpiring(view.expiring);
  return [
    // Who has left has no card to look at, and the link was theirs alone.
    ...(view.cardNumber === null ? [] : [link('cardPage', labels.cardPage.en, links.cardUrl)]),
    ...(view.supportUrl ? [link('support', labels.support.en, view.supportUrl)] : []),
    ...vouchers.map(({ code, name }) => plain(`voucher-${code}`, name, code)),
    ...stamps.map((card) => ({
      ...plain(`stamp-${card.id}`, card.name, stampText(card)),
      changeMessage: notices.stamps.en,
    })),
    ...soonest.map((lot, index) => expiry(`expiring-${index}`, lot, view, style)),
    ...(laterPoints > 0
      ? [plain('expiring-later', labels.expiring.en, expireLaterText(laterPoints, style))]
      : []),
    ...(tier.validUntil
      ? [date('tierUntil', labels.tierUntil.en, lastMoment(tier.validUntil), timeZone)]
      : []),
    // On the front where no voucher has its place; every expiry stands here in any case.
    ...(vouchers.length > 0 ? pending(view, style) : []),
    ...positive('held', labels.held.en, balance.held),
    ...positive('debt', labels.debt.en, balance.debt),
    ...(view.cardNumber === null ? [] : [plain('cardNumber', labels.cardNumber.en, view.cardNumber)]),
    plain('programme', labels.programme.en, view.programName),
    plain('about', labels.about.en, labels.aboutText.en),
  ];
}

/** A field whose change is said, or not. */
function said(field: Field, changeMessage: string | undefined): Field {
  return changeMessage === undefined ? field : { ...field, changeMessage };
}

function link(key: string, label: string, value: string): Field {
  return { key, label, value, dataDetectorTypes: ['PKDataDetectorTypeLink'] };
}

/** Text in which the phone is to look for nothing: a card number is no telephone, a name no address. */
function plain(key: string, label: string, value: string): Field {
  return { key, label, value, dataDetectorTypes: [] };
}

function number(key: string, label: string, value: number): Field {
  return { key, label, value, numberStyle: 'PKNumberStyleDecimal' };
}

/** A number that is worth showing only when there is one. */
function positive(key: string, label: string, value: number): Field[] {
  return value > 0 ? [number(key, label, value)] : [];
}

function expiry(key: string, lot: CardView['expiring'][number], view: CardView, style: Style): Field {
  return date(key, expireText(lot.points, style), lot.at, view.timeZone);
}

/**
 * A day that the phone writes in its own way. It is the programme's day wherever the phone is, for that is
 * where points expire at midnight.
 */
function date(key: string, label: string, instant: string, timeZone: string): Field {
  return {
    key,
    label,
    value: inZone(timeZone)(instant),
    dateStyle: 'PKDateStyleMedium',
    timeStyle: 'PKDateStyleNone',
    ignoresTimeZone: true,
  };
}

const zonedFormat = memoized(
  (timeZone: string) =>
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    }),
);

/** Points lapse at the ends of days, so the cards of a whole programme share a few hundred instants. */
const instantsMax = 1000;

/** An RFC 3339 instant written with the offset that its time zone then has: `2027-12-01T00:00:00+01:00`. */
const inZone = memoized((timeZone: string) =>
  memoized((instant: string) => {
    const parts = zonedFormat(timeZone).formatToParts(new Date(instant));
    const { year, month, day, hour, minute, second, timeZoneName } = Object.fromEntries(
      parts.map(({ type, value }) => [type, value]),
    );
    const offset = timeZoneName?.replace('GMT', '') || 'Z';
    return `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
  }, instantsMax),
);
