/**
 * What a worked example consists of: the programme's differences, what happens as data, what the member then
 * has. Everything a person computed by hand is a text or number here; nothing is taken from the code under test.
 */
import type { MemberFacts } from '../../core/account.ts';
import type { ChannelKind, MemberId } from '../../core/contract/ids.ts';
import type { ProgramDocument } from '../../core/program.ts';

/** The member of every example, as a programme can list them. */
export const theMember = 'mem_01JD0000000000000000000000' as MemberId;

/** Wall clock and offset of the programme's zone, as `2026-11-22T12:00+01:00`. */
export type At = string;

/** An amount as it stands on the receipt, with all decimals of its currency: `12.34`, `1500`, `2.345`. */
export type Amount = string;

export interface Line {
  readonly amount: Amount;
  readonly category?: string;
  readonly brand?: string;
  readonly sku?: string;
  readonly quantity?: number;
}

export interface LotOf {
  readonly points: number;
  /** Absent when the points can be spent. */
  readonly from?: At;
  /** Null for points that never lapse. */
  readonly until: At | null;
}

/** What the member has after a step. What is not named of points is none; tier and lots are then not looked at. */
export interface Holding {
  readonly available?: number;
  readonly pending?: number;
  readonly debt?: number;
  /** All points that have lapsed so far; looked at only when it is named. */
  readonly lapsed?: number;
  readonly tier?: string;
  /** When the tier's validity ends, or null for the first tier; only with `tier`. */
  readonly tierUntil?: At | null;
  /** Soonest to lapse first. */
  readonly lots?: readonly LotOf[];
  /** The day on which the soonest points are said to end; looked at only when it is named. */
  readonly lastDay?: string;
  /** What the coffee card shows; looked at only when it is named, like what follows. */
  readonly stamps?: number;
  /** Vouchers of full cards that nobody has used. */
  readonly vouchers?: number;
  /** The rewards of all other vouchers that nobody has used, by their names. */
  readonly gifts?: readonly string[];
  /** How the purchase stands that the step is about. */
  readonly order?: 'posted' | 'partially refunded' | 'refunded';
}

interface StepBase {
  /** When the ledger learns of it. */
  readonly at: At;
  readonly has?: Holding;
}

export interface Buy extends StepBase {
  readonly do: 'buy';
  readonly channel: ChannelKind;
  readonly lines: readonly (Amount | Line)[];
  /** Euro when absent. */
  readonly currency?: string;
  readonly shipping?: Amount;
  /** When the purchase happened, if that was earlier than the ledger learned of it. */
  readonly boughtAt?: At;
  /** What this purchase alone earns. */
  readonly earns?: number;
}

/** Units of a line, with what was paid back for them. */
export interface Units {
  readonly quantity: number;
  readonly amount: Amount;
}

export interface Refund extends StepBase {
  readonly do: 'refund';
  /** Which purchase of the example, 1 for the first one listed. */
  readonly of: number;
  /** All of it, an amount on the whole order, one for shipping, or amounts by line number, with or without units. */
  readonly back:
    | 'everything'
    | { readonly order: Amount }
    | { readonly shipping: Amount }
    | Readonly<Record<number, Amount | Units>>;
  readonly takes?: number;
}

export interface Return extends StepBase {
  readonly do: 'return';
  readonly sku: string;
  readonly quantity: number;
  readonly takes?: number;
}

export interface Spend extends StepBase {
  readonly do: 'spend';
  readonly points: number;
}

export interface Redeem extends StepBase {
  readonly do: 'redeem';
  /** By its id. */
  readonly reward: string;
}

export interface ProgramChange extends StepBase {
  readonly do: 'program';
  /** What changes, in words. */
  readonly says: string;
  readonly changes: Partial<ProgramDocument>;
}

export interface Plain extends StepBase {
  readonly do: 'enrol' | 'look' | 'birthday' | 'profile' | 'voucher' | 'cancel';
  /** The birthday, where it is noticed on a later day, as `2027-06-15`. */
  readonly day?: string;
}

export type Step = Buy | Refund | Return | Spend | Redeem | ProgramChange | Plain;

export interface Example {
  /** Chapter and number: people point to it, so it stays when others are added. */
  readonly id: string;
  readonly title: string;
  /** What the example shows, in a sentence or two. */
  readonly words: string;
  /** What the programme says where it differs from the default one: in words, and as data. */
  readonly says?: string;
  readonly program?: Partial<ProgramDocument>;
  /** What is known of the member beside the account; the words say it. */
  readonly facts?: MemberFacts;
  /** Sums as a person writes them; each with an equals sign is computed again by the test, exactly. */
  readonly sums?: readonly string[];
  /** Also show the instants in UTC. */
  readonly showUtc?: true;
  readonly steps: readonly Step[];
}

export interface Chapter {
  readonly title: string;
  readonly words: string;
  readonly examples: readonly Example[];
}

// Writing steps -----------------------------------------------------------------------------------------

type BuyMore = Omit<Buy, 'do' | 'at' | 'channel' | 'lines'>;

export function buy(at: At, channel: ChannelKind, lines: Buy['lines'], more: BuyMore = {}): Buy {
  return { do: 'buy', at, channel, lines, ...more };
}

type RefundMore = Omit<Refund, 'do' | 'at' | 'of' | 'back'>;

export function refund(at: At, of: number, back: Refund['back'], more: RefundMore = {}): Refund {
  return { do: 'refund', at, of, back, ...more };
}

type ReturnMore = Omit<Return, 'do' | 'at' | 'sku' | 'quantity'>;

export function bringBack(at: At, quantity: number, sku: string, more: ReturnMore = {}): Return {
  return { do: 'return', at, sku, quantity, ...more };
}

export function spend(at: At, points: number, has?: Holding): Spend {
  return { do: 'spend', at, points, ...(has ? { has } : {}) };
}

export function redeem(at: At, reward: string, has?: Holding): Redeem {
  return { do: 'redeem', at, reward, ...(has ? { has } : {}) };
}

export function plain(kind: Plain['do'], at: At, has?: Holding): Plain {
  return { do: kind, at, ...(has ? { has } : {}) };
}

export function look(at: At, has: Holding): Plain {
  return plain('look', at, has);
}

// Money -------------------------------------------------------------------------------------------------

const decimalsOf: Readonly<Record<string, number>> = { EUR: 2, GBP: 2, USD: 2, JPY: 0, KWD: 3, TND: 3 };
const symbolOf: Readonly<Record<string, string>> = { EUR: '€', GBP: '£', USD: '$', JPY: '¥' };

/** @throws Error when the amount does not have the decimals of its currency */
export function minorOf(amount: Amount, currency: string): number {
  const decimals = decimalsOf[currency];
  const fraction = amount.split('.')[1] ?? '';
  if (fraction.length !== decimals || !/^-?\d+(\.\d+)?$/.test(amount))
    throw new Error(`${amount} is not written with the ${decimals} decimals of ${currency}.`);
  return Number(amount.replace('.', ''));
}

/** An amount as people write it: `1,500 ¥`. */
export function moneyText(amount: Amount, currency: string): string {
  const [whole = '', fraction] = amount.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${grouped}${fraction === undefined ? '' : `.${fraction}`} ${symbolOf[currency] ?? currency}`;
}

/** The amounts of a purchase's lines. */
export function linesOf(buy: Buy): readonly Line[] {
  return buy.lines.map((line) => (typeof line === 'string' ? { amount: line } : line));
}
