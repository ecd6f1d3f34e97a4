/**
 * What a card says: each fact once, by its name in every language and its value. Whoever makes a pass only places
 * them, and writes numbers and days as its phones want them; so no two wallets can say different things.
 */
import type { CardLinks, CardView } from '../core/card.ts';
import { pendingNotice, pointsNotice } from './changes.ts';
import {
  dayText,
  expireLaterText,
  expireText,
  foldExpiring,
  type Localized,
  labels,
  lastMoment,
  nextTierText,
  notices,
  numberText,
  type Style,
  stampText,
  styleOf,
} from './wording.ts';

export type Value =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'number'; readonly number: number }
  /** The day of an RFC 3339 instant where the programme lives. */
  | { readonly type: 'day'; readonly at: string }
  | { readonly type: 'link'; readonly url: string };

export interface Fact {
  /** Unique on the card. */
  readonly id: string;
  /** A name that phones may show in their own language, or one in the words of the programme or the member. */
  readonly label: Localized | string;
  readonly value: Value;
  /** What a phone says when the value changes, with `%@` for the value; a fact without it changes in silence. */
  readonly notice?: string | undefined;
}

/** The facts by what they are about. Each is a list, empty where there is nothing to say. */
export interface Facts {
  readonly style: Style;
  /** Whose card it is; of somebody without a name, the programme. */
  readonly holder: Fact;
  readonly points: Fact;
  readonly pending: readonly Fact[];
  readonly tier: readonly Fact[];
  readonly vouchers: readonly Fact[];
  readonly stamps: readonly Fact[];
  /** The last days of the points that lapse soonest, each named by the points, and the sum of the rest. */
  readonly expiring: readonly Fact[];
  /** What every wallet lists behind the card, in this order. */
  readonly details: readonly Fact[];
  readonly links: readonly Fact[];
  readonly cardNumber: readonly Fact[];
}

export function factsOf(view: CardView, links: CardLinks): Facts {
  const style = styleOf(view.locale);
  if (view.status === 'moved') return movedFacts(view, links, style);
  const { balance, tier, cardNumber, lastChange } = view;
  const { nextTier, validUntil } = tier;
  const { soonest, laterPoints } = foldExpiring(view.expiring);
  return {
    style,
    holder:
      view.name === null
        ? text('holder', labels.programme, view.programName)
        : text('holder', labels.holder, view.name),
    points: {
      ...number('points', labels.points, balance.available),
      notice: pointsNotice(lastChange, style),
    },
    pending: positive('pending', labels.pending, balance.pending).map((fact) => ({
      ...fact,
      notice: pendingNotice(lastChange, style),
    })),
    tier: [
      { ...text('tier', labels.tier, tier.name), notice: notices.tier.en },
      ...present(nextTier, ({ pointsMissing, name }) =>
        text('nextTier', labels.nextTier, nextTierText(pointsMissing, name, style)),
      ),
    ],
    vouchers: view.vouchers.map(({ code, name }) => text(`voucher-${code}`, name, code)),
    stamps: view.stamps.map((card) => ({
      ...text(`stamp-${card.id}`, card.name, stampText(card)),
      notice: notices.stamps.en,
    })),
    expiring: [
      ...soonest.map((lot, index) =>
        day(`expiring-${index}`, expireText(lot.points, style), lastMoment(lot.at)),
      ),
      ...present(laterPoints || null, (points) =>
        text('expiring-later', labels.expiring, expireLaterText(points, style)),
      ),
    ],
    details: [
      ...present(validUntil, (until) => day('tierUntil', labels.tierUntil, lastMoment(until))),
      ...positive('held', labels.held, balance.held),
      ...positive('debt', labels.debt, balance.debt),
    ],
    links: [
      // Who has left has no card to look at, and the link was theirs alone.
      ...present(cardNumber && links.cardUrl, (url) => link('cardPage', labels.cardPage, url)),
      ...present(view.supportUrl, (url) => link('support', labels.support, url)),
    ],
    cardNumber: present(cardNumber, (value) => text('cardNumber', labels.cardNumber, value)),
  };
}

/** A card whose member was merged into another: where the other one is, and the number, which still names them. */
function movedFacts(view: CardView, links: CardLinks, style: Style): Facts {
  return {
    style,
    // Said on the lock screen when it comes to be so.
    holder: { ...text('holder', labels.programme, labels.moved[style.language]), notice: '%@' },
    points: text('points', labels.points, '–'),
    pending: [],
    tier: [],
    vouchers: [],
    stamps: [],
    expiring: [],
    details: [text('moved', labels.moved, labels.movedText[style.language])],
    links: [link('cardPage', labels.newCard, links.cardUrl)],
    cardNumber: present(view.cardNumber, (value) => text('cardNumber', labels.cardNumber, value)),
  };
}

function text(id: string, label: Fact['label'], value: string): Fact {
  return { id, label, value: { type: 'text', text: value } };
}

function number(id: string, label: Fact['label'], value: number): Fact {
  return { id, label, value: { type: 'number', number: value } };
}

function day(id: string, label: Fact['label'], at: string): Fact {
  return { id, label, value: { type: 'day', at } };
}

function link(id: string, label: Fact['label'], url: string): Fact {
  return { id, label, value: { type: 'link', url } };
}

/** A number that is worth showing only when there is one. */
function positive(id: string, label: Localized, value: number): Fact[] {
  return value > 0 ? [number(id, label, value)] : [];
}

function present<T>(value: T | null, make: (value: T) => Fact): Fact[] {
  return value === null ? [] : [make(value)];
}

/** A value in the words of the member, for wallets that show texts as they are given. */
export function valueText(value: Value, { timeZone }: Pick<CardView, 'timeZone'>, style: Style): string {
  switch (value.type) {
    case 'text':
      return value.text;
    case 'number':
      return numberText(value.number, style);
    case 'day':
      return dayText(value.at, timeZone, style);
    case 'link':
      return value.url;
  }
}
