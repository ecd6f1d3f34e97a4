/**
 * Examples that need more than one member's arithmetic: two channels, two members, an operator. They are played against
 * the ledger, and read like the others: what is expected is written here by hand.
 */
import type { ErrorCode } from '../../core/contract/errors.ts';
import type { ChannelKind } from '../../core/contract/ids.ts';
import type { Amount, At } from './shapes.ts';

/** Who the members are. */
export type Person = 'Ada' | 'Ben';

/** Points that can be spent, or those that are pending. */
export type Points = number | { readonly pending: number };

/** What is there after a step; what is not named is not looked at. */
export interface Found {
  readonly Ada?: Points;
  readonly Ben?: Points;
  /** How a purchase stands that exists. */
  readonly orders?: Readonly<Record<string, 'posted' | 'partially refunded' | 'refunded' | 'conflict'>>;
  /** The last voucher that was redeemed for. */
  readonly voucher?: 'issued' | 'used' | 'revoked';
  /** What operators have to look at, with whom it is about; all of it. */
  readonly open?: readonly (readonly [type: string, who: Person | 'nobody'])[];
}

interface StepBase {
  readonly at: At;
  /** By which code it is refused, where it is. */
  readonly refused?: ErrorCode;
  readonly has: Found;
}

/** A sale, through the channel's own door or by an operator's import. */
export interface Sell extends StepBase {
  readonly do: 'sell' | 'import';
  readonly channel: ChannelKind;
  readonly id: string;
  readonly to: Person;
  readonly amount: Amount;
  readonly currency?: string;
  readonly boughtAt?: At;
}

export interface GiveBack extends StepBase {
  readonly do: 'give back';
  readonly channel: ChannelKind;
  /** The purchase as the channel names it: by its full id where another sold it. */
  readonly of: string;
  readonly amount: Amount;
}

/** Points for a reward, or the last voucher, on an order of the store's. */
export interface SpendOn extends StepBase {
  readonly do: 'redeem' | 'use';
  readonly who: Person;
  readonly reward: string;
  readonly on?: string;
}

/** An operator posts what the open exception is about under another id. */
export interface PostAs extends StepBase {
  readonly do: 'post as';
  readonly as: string;
}

export type SceneStep = Sell | GiveBack | SpendOn | PostAs;

export interface Scene {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  readonly steps: readonly SceneStep[];
}

export interface SceneChapter {
  readonly title: string;
  readonly words: string;
  readonly examples: readonly Scene[];
}
