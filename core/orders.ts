/**
 * Orders as shops tell of them. A shop tells of the same order again and again, older after newer, in part, or not at
 * all; what is kept of each order is what was made of it so far, and each telling becomes the difference to that: a
 * purchase, further purchases and refunds, whose ids follow from the order's.
 */
import type { PurchaseBody } from './contract/shapes/purchase.ts';
import type { RefundBody } from './contract/shapes/refund.ts';

/** What was sold, and is paid: refunds are not taken off. `occurredAt` is when it was paid, the same in every telling. */
export type Sale = Omit<PurchaseBody, 'id'>;

/** What was given back: `lines` by the ids of the sale's lines, or one amount, or of the shipping. */
export interface OrderRefund extends Pick<RefundBody, 'occurredAt' | 'amountMinor' | 'shippingMinor'> {
  /** The shop's own id of the refund, by which it is known however often and in whatever order it is told. */
  readonly id: string;
  readonly currency: string;
  readonly lines?: readonly {
    readonly lineId: string;
    readonly quantity?: number | undefined;
    readonly amountMinor: number;
  }[];
}

/** An order as it stood at one moment. */
export interface Order {
  /** The shop's own id, as text. */
  readonly id: string;
  /**
   * Grows with each change of the order: its version, or the milliseconds of when it was changed. Of two tellings the
   * one with the larger is the newer.
   */
  readonly revision: number;
  /** Null while it is not paid, and when it was cancelled before. */
  readonly sale: Sale | null;
  /**
   * All refunds that there were by then, where the telling lists them: one that a newer telling leaves out was taken
   * back. Absent where it does not say.
   */
  readonly refunds?: readonly OrderRefund[];
}

/** What a shop tells. */
export type Told =
  | { readonly type: 'order'; readonly order: Order }
  /** A refund by itself: its order may be told of later. */
  | { readonly type: 'refund'; readonly orderId: string; readonly refund: OrderRefund }
  /** A refund that did not come about: if it was told as made before, it is undone. Final, in whatever order it comes. */
  | { readonly type: 'refund_failed'; readonly orderId: string; readonly refundId: string }
  /** A return without receipt: `member` and lines by `sku`. */
  | { readonly type: 'return'; readonly refund: RefundBody }
  /** Something about an order, or a refund of it, that has to be asked for. */
  | { readonly type: 'changed'; readonly orderId: string };
