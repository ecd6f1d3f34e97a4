/**
 * What a store card shows of a card's view, and where: the balance in the header, which stays visible in the
 * stack of passes; the holder over the strip; at most three facts below it, which is what a phone
 * has room for in whole words (Apple takes four); everything else on the back.
 * Source: Apple, Wallet Passes, PassFields and PassFieldContent.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import { type Fact, type Facts, factsOf } from '../facts.ts';
import { labels, memoized } from '../wording.ts';

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
  const facts = factsOf(view, links);
  const place = (some: readonly Fact[]) => some.map((fact) => fieldOf(fact, view));
  return {
    headerFields: place([facts.points]),
    primaryFields: place([facts.holder]),
    secondaryFields: place(facts.tier),
    auxiliaryFields: place(front(facts)),
    backFields: [...place(back(facts)), ...about(view)],
  };
}

/** Beside the tiers there is room for one more: what a till can take now, else what is on its way, else what lapses. */
function front({ vouchers, pending, expiring }: Facts): Fact[] {
  return [
    ...renamed(vouchers, 'voucher'),
    ...pending,
    ...renamed(
      expiring.filter(({ value }) => value.type === 'day'),
      'expiring',
    ),
  ].slice(0, 1);
}

/** What stands on the back, too, has another key there. */
function renamed(facts: readonly Fact[], id: string): Fact[] {
  return facts.slice(0, 1).map((fact) => ({ ...fact, id, notice: undefined }));
}

function back({ links, vouchers, stamps, expiring, pending, details, cardNumber }: Facts): Fact[] {
  return [
    ...links,
    ...vouchers,
    ...stamps,
    ...expiring,
    // On the front where no voucher has its place; every expiry stands here in any case.
    ...(vouchers.length > 0 ? pending : []),
    ...details,
    ...cardNumber,
  ];
}

/** What is the same on every card of the programme. */
function about({ programName }: CardView): Field[] {
  return [
    plain('programme', labels.programme.en, programName),
    plain('about', labels.about.en, labels.aboutText.en),
  ];
}

/** Facts of the front are read as they are: on the back, the phone is to look for nothing in plain text. */
const onFront = new Set(['holder', 'tier', 'nextTier']);

/** A fact as the phone writes it: numbers and days in its own way, translatable names by their English. */
function fieldOf({ id: key, label: name, value, notice }: Fact, { timeZone }: CardView): Field {
  const label = typeof name === 'string' ? name : name.en;
  const said = notice === undefined ? {} : { changeMessage: notice };
  switch (value.type) {
    case 'text':
      return onFront.has(key)
        ? { key, label, value: value.text, ...said }
        : { ...plain(key, label, value.text), ...said };
    case 'number':
      return { key, label, value: value.number, numberStyle: 'PKNumberStyleDecimal', ...said };
    case 'day':
      return { ...date(key, label, value.at, timeZone), ...said };
    case 'link':
      return { key, label, value: value.url, dataDetectorTypes: ['PKDataDetectorTypeLink'] };
  }
}

/** Text in which the phone is to look for nothing: a card number is no telephone, a name no address. */
function plain(key: string, label: string, value: string): Field {
  return { key, label, value, dataDetectorTypes: [] };
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
