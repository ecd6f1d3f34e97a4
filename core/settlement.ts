/**
 * What an order comes to, from all that a shop has told of it in whatever order, and what of that is still to be posted.
 *
 * What is known says what is left of each line: what the newest telling sells, less what the refunds that came about
 * took. What was posted says the same of the ledger. The difference is posted, and nothing else: more is a further
 * purchase, less a refund. So whatever was told twice, too late or not at all makes no difference once all is known.
 */
import { isSettlement, type PurchaseBody } from './contract/shapes/purchase.ts';
import type { RefundBody } from './contract/shapes/refund.ts';
import type { OrderRefund, Sale, Told } from './orders.ts';

type SaleLine = Sale['lines'][number];

interface Amount {
  readonly quantity: number;
  readonly amountMinor: number;
}

/** One purchase of the order, and what the ledger has left of it. */
interface PostedSale {
  /** The shop's own id of the order, or one that follows from it. */
  readonly id: string;
  readonly lines: readonly ({ readonly id: string } & Amount)[];
  readonly shippingMinor: number;
}

interface KnownRefund {
  readonly id: string;
  /** Null of one that is only known to have failed. */
  readonly refund: OrderRefund | null;
  /** Whether a telling that listed the refunds has named it: only then a newer one can leave it out. */
  readonly isListed: boolean;
  readonly isGone: boolean;
  readonly hasFailed: boolean;
  /** What of its lines was posted under its ids, and how many of these there are. */
  readonly posted: readonly ({ readonly id: string } & Amount)[];
  readonly made: number;
}

/** All that is known of an order. It holds nobody's name or contact. */
export interface OrderState {
  /** That of the newest telling of the whole order; −1 before there was one. */
  readonly revision: number;
  /** That of the newest telling that listed the refunds; −1 before there was one. */
  readonly listedAt: number;
  /** What is sold by the newest telling; null before there was one, and while it is not paid. */
  readonly sold: Pick<Sale, 'lines' | 'shippingMinor'> | null;
  readonly refunds: readonly KnownRefund[];
  /** When it was paid, and in which currency, as it was first posted. */
  readonly paid: Pick<Sale, 'occurredAt' | 'currency'> | null;
  readonly posted: readonly PostedSale[];
  /** How many ids were made from the order's. */
  readonly made: number;
}

export const unknownOrder: OrderState = {
  revision: -1,
  listedAt: -1,
  sold: null,
  refunds: [],
  paid: null,
  posted: [],
  made: 0,
};

/** What is to be posted, in this order. */
export interface Settlement {
  readonly state: OrderState;
  readonly purchases: readonly PurchaseBody[];
  readonly refunds: readonly RefundBody[];
}

/** What a shop tells of one order. */
export type ToldOfOrder = Extract<Told, { type: 'order' | 'refund' | 'refund_failed' }>;

export function orderIdOf(told: ToldOfOrder): string {
  return told.type === 'order' ? told.order.id : told.orderId;
}

/** An order that was posted by other means, as by an import: older than anything that is told of it. */
export function knownOrder(id: string, { lines, shippingMinor, occurredAt, currency }: Sale): OrderState {
  const sold = soldOf({ lines, shippingMinor });
  return {
    ...unknownOrder,
    sold,
    paid: { occurredAt, currency },
    posted: [postedSale(id, { lines, shippingMinor })],
  };
}

/** Learns what is told, and says what is to be posted because of it: nothing where it is no news. */
export function settle(before: OrderState, told: ToldOfOrder): Settlement {
  const state = learn(before, told);
  const sale = told.type === 'order' ? told.order.sale : null;
  if (state.posted.length === 0) {
    if (sale === null || told.type !== 'order' || told.order.revision !== state.revision)
      return { state, purchases: [], refunds: [] };
    const { occurredAt, currency } = sale;
    const paid = { occurredAt, currency };
    const id = orderIdOf(told);
    const draft = new Draft(id, { ...state, paid, posted: [postedSale(id, sale)] });
    draft.follow(undefined);
    return { ...draft.settlement, purchases: [{ id, ...sale }, ...draft.settlement.purchases] };
  }
  const draft = new Draft(orderIdOf(told), state);
  draft.follow(sale?.member);
  return draft.settlement;
}

// What is known ---------------------------------------------------------------------------------------------

function learn(state: OrderState, told: ToldOfOrder): OrderState {
  switch (told.type) {
    case 'order': {
      const { revision, sale, refunds } = told.order;
      // Shops count by the second: of two tellings of one the later is as good as newer.
      const newest = revision >= state.revision ? { ...state, revision, sold: sale && soldOf(sale) } : state;
      // An older list knows nothing that the newer one does not: what it alone has was taken back.
      return refunds && revision >= state.listedAt
        ? { ...newest, listedAt: revision, refunds: listed(state.refunds, refunds) }
        : newest;
    }
    case 'refund':
      return { ...state, refunds: withRefund(state.refunds, told.refund, {}) };
    case 'refund_failed': {
      const known = state.refunds.find(({ id }) => id === told.refundId) ?? newRefund(told.refundId, null);
      return { ...state, refunds: replaced(state.refunds, { ...known, hasFailed: true }) };
    }
  }
}

function soldOf({ lines, shippingMinor }: Pick<Sale, 'lines' | 'shippingMinor'>) {
  return { lines, ...(shippingMinor === undefined ? {} : { shippingMinor }) };
}

/** All refunds, of which a list names these: one that it had named before and does not now was taken back. */
function listed(all: readonly KnownRefund[], names: readonly OrderRefund[]): readonly KnownRefund[] {
  const ids = new Set(names.map(({ id }) => id));
  const kept = all.map((one) => (one.isListed && !ids.has(one.id) ? { ...one, isGone: true } : one));
  return names.reduce<readonly KnownRefund[]>(
    (known, refund) => withRefund(known, refund, { isListed: true, isGone: false }),
    kept,
  );
}

function newRefund(id: string, refund: OrderRefund | null): KnownRefund {
  return { id, refund, isListed: false, isGone: false, hasFailed: false, posted: [], made: 0 };
}

/** A refund's content stays what it was first told as. */
function withRefund(
  all: readonly KnownRefund[],
  refund: OrderRefund,
  change: Partial<KnownRefund>,
): readonly KnownRefund[] {
  const known = all.find(({ id }) => id === refund.id) ?? newRefund(refund.id, refund);
  return replaced(all, { ...known, refund: known.refund ?? refund, ...change });
}

function replaced<T extends { readonly id: string }>(all: readonly T[], one: T): readonly T[] {
  return all.some(({ id }) => id === one.id) ? all.map((it) => (it.id === one.id ? one : it)) : [...all, one];
}

// Amounts ---------------------------------------------------------------------------------------------------

const none: Amount = { quantity: 0, amountMinor: 0 };
/** The least quantity there is: of a line that costs more than was posted, though nothing more was handed over. */
const leastQuantity = 0.001;

/** Quantities have three decimals at most. */
function plus(a: Amount, b: Amount, sign = 1): Amount {
  const thousandths = Math.round(a.quantity * 1000) + sign * Math.round(b.quantity * 1000);
  return { quantity: thousandths / 1000, amountMinor: a.amountMinor + sign * b.amountMinor };
}

const minus = (a: Amount, b: Amount) => plus(a, b, -1);

function lesser(a: Amount, b: Amount): Amount {
  return {
    quantity: Math.min(a.quantity, b.quantity),
    amountMinor: Math.min(a.amountMinor, b.amountMinor),
  };
}

/** What of an amount is above nothing. */
function above({ quantity, amountMinor }: Amount): Amount {
  return { quantity: Math.max(0, quantity), amountMinor: Math.max(0, amountMinor) };
}

const isNothing = ({ quantity, amountMinor }: Amount) => quantity === 0 && amountMinor === 0;

/** Amounts by the ids of lines, which are named by shops. */
type Amounts = Map<string, Amount>;

function add(to: Amounts, id: string, amount: Amount, sign = 1): void {
  to.set(id, plus(to.get(id) ?? none, amount, sign));
}

function amountsOf(lines: readonly ({ readonly id: string } & Amount)[]): Amounts {
  const all: Amounts = new Map();
  for (const { id, quantity, amountMinor } of lines) add(all, id, { quantity, amountMinor });
  return all;
}

function listOf(amounts: Amounts) {
  return [...amounts].flatMap(([id, amount]) => (isNothing(amount) ? [] : [{ id, ...amount }]));
}

// What is left, by what is known ----------------------------------------------------------------------------

interface Left {
  readonly lines: Amounts;
  readonly shippingMinor: number;
  /** What each refund took of that. */
  readonly taken: ReadonlyMap<string, { readonly lines: Amounts; readonly shippingMinor: number }>;
}

/** What the refunds that came about leave of what is sold; none takes more than there is. */
function leftOf({ sold, refunds }: OrderState): Left {
  const lines = amountsOf((sold?.lines ?? []).filter((line) => !isSettlement(line)));
  let shippingMinor = sold?.shippingMinor ?? 0;
  const taken = new Map<string, { lines: Amounts; shippingMinor: number }>();
  for (const refund of madeOf(refunds)) {
    const own: Amounts = new Map();
    const take = (id: string, asked: Amount) => {
      const left = lines.get(id);
      if (!left) return;
      const given = above(lesser(asked, left));
      add(own, id, given);
      add(lines, id, given, -1);
    };
    for (const { lineId, quantity = 0, amountMinor } of refund.lines ?? [])
      take(lineId, { quantity, amountMinor });
    let ofShipping = Math.min(refund.shippingMinor ?? 0, shippingMinor);
    if (refund.amountMinor !== undefined) {
      // Of the order as a whole: each line, and the shipping, by what is left of it.
      const open = [...lines];
      const weights = [...open.map(([, { amountMinor }]) => amountMinor), shippingMinor - ofShipping];
      const shares = spread(refund.amountMinor, weights);
      for (const [index, [id]] of open.entries()) take(id, { quantity: 0, amountMinor: shares[index] ?? 0 });
      ofShipping += shares.at(-1) ?? 0;
    }
    shippingMinor -= ofShipping;
    taken.set(refund.id, { lines: own, shippingMinor: ofShipping });
  }
  return { lines, shippingMinor, taken };
}

/** The refunds that came about, in the order in which they did. */
function madeOf(refunds: readonly KnownRefund[]): OrderRefund[] {
  const made = refunds.flatMap(({ refund, isGone, hasFailed }) =>
    refund === null || isGone || hasFailed ? [] : [refund],
  );
  const place = ({ occurredAt, id }: OrderRefund) => `${occurredAt} ${id}`;
  return made.sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** Shares of an amount by weights, of which none is above its weight: what cannot be halved goes to the first ones. */
function spread(amount: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const most = Math.min(amount, sum);
  if (most === 0) return weights.map(() => 0);
  const shares = weights.map((weight) => Number((BigInt(most) * BigInt(weight)) / BigInt(sum)));
  let missing = most - shares.reduce((total, share) => total + share, 0);
  return shares.map((share, index) => (share < (weights[index] ?? 0) && missing-- > 0 ? share + 1 : share));
}

// What is to be posted --------------------------------------------------------------------------------------

function postedSale(
  id: string,
  { lines, shippingMinor = 0 }: Pick<Sale, 'lines' | 'shippingMinor'>,
): PostedSale {
  const all = lines
    .filter((line) => !isSettlement(line))
    .map(({ id: lineId, quantity, amountMinor }) => ({ id: lineId, quantity, amountMinor }));
  return { id, lines: all, shippingMinor };
}

class Draft {
  private readonly orderId: string;
  private state: OrderState;
  private readonly purchases: PurchaseBody[] = [];
  private readonly refunds: RefundBody[] = [];

  constructor(orderId: string, state: OrderState) {
    this.orderId = orderId;
    this.state = state;
  }

  get settlement(): Settlement {
    const { state, purchases, refunds } = this;
    return { state, purchases, refunds };
  }

  /** @param member who has what is sold in addition, as far as the telling says */
  follow(member: Sale['member']): void {
    const left = leftOf(this.state);
    const posted = amountsOf(this.state.posted.flatMap(({ lines }) => lines));
    const more: Amounts = new Map();
    const less: Amounts = new Map();
    for (const id of new Set([...left.lines.keys(), ...posted.keys()])) {
      const change = minus(left.lines.get(id) ?? none, posted.get(id) ?? none);
      more.set(id, above(change));
      less.set(id, above(minus(none, change)));
    }
    // First what refunds of the shop explain, under their ids, and then what an edit does, under the order's.
    for (const { id } of this.state.refunds) this.postRefund(id, left, less);
    this.giveBack(less, 0, () => ({ id: this.nextId(), ...this.paid }));
    this.sellMore(listOf(more), member);
  }

  /** Posts what is open of what a refund took; one that did not come about has nothing posted any more. */
  private postRefund(id: string, left: Left, less: Amounts): void {
    const known = this.state.refunds.find((one) => one.id === id) as KnownRefund;
    const { refund } = known;
    const taken = left.taken.get(id);
    if (!refund || !taken) {
      if (known.posted.length > 0) this.setRefund({ ...known, posted: [] });
      return;
    }
    const posted = amountsOf(known.posted);
    const open: Amounts = new Map();
    for (const [lineId, amount] of taken.lines) {
      const given = above(lesser(minus(amount, posted.get(lineId) ?? none), less.get(lineId) ?? none));
      open.set(lineId, given);
      add(less, lineId, given, -1);
      add(posted, lineId, given);
    }
    let { made } = known;
    const { occurredAt, currency } = refund;
    const isFirst = made === 0;
    const settling = isFirst ? this.settlingLines(refund) : [];
    // The shipping earns nothing: it is said once, so that the order can be seen to be given back as a whole.
    const shipping = isFirst ? taken.shippingMinor : 0;
    this.giveBack(open, shipping, () => ({ id: madeId(id, made++), occurredAt, currency }), settling);
    if (made === 0 && refund.amountMinor === 0) {
      this.refunds.push({
        id: madeId(id, made++),
        occurredAt,
        currency,
        purchaseId: this.orderId,
        amountMinor: 0,
      });
    }
    this.setRefund({ ...known, posted: listOf(posted), made });
  }

  /** The lines that only settle the sum, as far as they were posted: they earn nothing and are given back as told. */
  private settlingLines({ lines = [] }: OrderRefund) {
    const known = new Map((this.state.sold?.lines ?? []).filter(isSettlement).map((line) => [line.id, line]));
    return lines.flatMap(({ lineId, amountMinor }) => {
      const most = known.get(lineId)?.amountMinor ?? 0;
      const given = Math.min(Math.abs(amountMinor), Math.abs(most)) * Math.sign(most);
      return given === 0 ? [] : [{ lineId, amountMinor: given }];
    });
  }

  /**
   * Takes from what was posted: from the order's own purchase first, then from the further ones.
   * @param head of each refund that it takes
   */
  private giveBack(
    less: Amounts,
    shippingMinor: number,
    head: () => Pick<RefundBody, 'id' | 'occurredAt' | 'currency'>,
    settling: readonly { lineId: string; amountMinor: number }[] = [],
  ): void {
    const open = new Map(less);
    for (const [index, sale] of this.state.posted.entries()) {
      const lines = sale.lines.flatMap((line) => {
        const given = above(lesser(open.get(line.id) ?? none, line));
        if (isNothing(given)) return [];
        add(open, line.id, given, -1);
        return [{ id: line.id, ...given }];
      });
      const ofShipping = index === 0 ? Math.min(shippingMinor, sale.shippingMinor) : 0;
      const all = [...lines.map(toRefundLine), ...(index === 0 ? settling : [])];
      if (all.length === 0 && ofShipping === 0) continue;
      this.refunds.push({
        ...head(),
        purchaseId: sale.id,
        ...(all.length > 0 ? { lines: all } : {}),
        ...(ofShipping > 0 ? { shippingMinor: ofShipping } : {}),
      });
      const given = amountsOf(lines);
      this.setSale({
        ...sale,
        lines: sale.lines.map((line) => ({ id: line.id, ...minus(line, given.get(line.id) ?? none) })),
        shippingMinor: sale.shippingMinor - ofShipping,
      });
    }
  }

  /** A further purchase of the order, paid when it was. */
  private sellMore(more: readonly ({ readonly id: string } & Amount)[], member: Sale['member']): void {
    const known = new Map((this.state.sold?.lines ?? []).map((line) => [line.id, line]));
    const lines = more.flatMap(({ id, quantity, amountMinor }): SaleLine[] => {
      const line = known.get(id);
      if (!line) return [];
      const { discountMinor: _, ...rest } = line;
      return [{ ...rest, quantity: quantity || leastQuantity, amountMinor }];
    });
    if (lines.length === 0) return;
    const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    const id = this.nextId();
    this.purchases.push({ id, ...this.paid, ...(member ? { member } : {}), lines, totalMinor });
    this.state = { ...this.state, posted: [...this.state.posted, postedSale(id, { lines })] };
  }

  private get paid(): Pick<Sale, 'occurredAt' | 'currency'> {
    if (!this.state.paid) throw new Error('Nothing is posted of an order that was not paid.');
    return this.state.paid;
  }

  private setSale(sale: PostedSale): void {
    this.state = { ...this.state, posted: replaced(this.state.posted, sale) };
  }

  private setRefund(refund: KnownRefund): void {
    this.state = { ...this.state, refunds: replaced(this.state.refunds, refund) };
  }

  private nextId(): string {
    const made = this.state.made + 1;
    this.state = { ...this.state, made };
    return madeId(this.orderId, made);
  }
}

function madeId(id: string, made: number): string {
  return made === 0 ? id : `${id}+${made}`;
}

function toRefundLine({ id, quantity, amountMinor }: { readonly id: string } & Amount) {
  return { lineId: id, amountMinor, ...(quantity > 0 ? { quantity } : {}) };
}
