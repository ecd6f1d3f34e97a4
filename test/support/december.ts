/**
 * A plain recomputation of the December file under the default programme on channel store, from the
 * programme's rules in words and with none of the project's code: one euro, pound … of a purchase is a point
 * times the tier held, 50 points for joining, gift cards, shipping, fees and donations earn nothing, tiers at 500 and 2,000 qualifying points, returns matched to the
 * newest purchases of the sku.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const decemberFile = join(
  import.meta.dirname,
  '../../../shared/data/online-retail/december-2010.ndjson',
);
export const hasDecember = existsSync(decemberFile);

interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly amountMinor: number;
  readonly category?: string;
}
interface Row {
  readonly type?: 'refund';
  readonly id: string;
  readonly occurredAt: string;
  readonly member?: { readonly email: string };
  readonly lines: readonly Line[];
}

interface Bought {
  readonly at: number;
  readonly order: number;
  /** The tier's multiplier in quarters, 4, 5 or 6, times the store's. */
  readonly quarters: number;
  readonly left: { sku: string; quantity: number; amount: number; counts: boolean }[];
  points: number;
  qualifying: number;
}

export interface Recomputed {
  available: number;
  earned: number;
  clawedBack: number;
  qualifying: number;
  tier: 'ami' | 'complice' | 'intime';
}

const excluded = ['gift-card', 'shipping', 'fee', 'donation'];

/** What may be otherwise than in the default programme, and how many of the file's rows count. */
export interface DecemberRules {
  readonly rows?: number;
  readonly storeMultiplier?: number;
  readonly compliceThreshold?: number;
}

type Tiers = readonly (readonly [id: Recomputed['tier'], threshold: number, quarters: number])[];

export function recomputeDecember({
  rows: rowsMax = Number.POSITIVE_INFINITY,
  storeMultiplier = 1,
  compliceThreshold = 500,
}: DecemberRules = {}): {
  members: Map<string, Recomputed>;
  unmatchedLines: number;
  guests: number;
  purchases: number;
  /** Returns of which at least something was matched. */
  returns: number;
} {
  const thresholds: Tiers = [
    ['ami', 0, 4],
    ['complice', compliceThreshold, 5],
    ['intime', 2000, 6],
  ];
  const members = new Map<string, Recomputed & { bought: Bought[] }>();
  let [unmatchedLines, guests, purchases, returns] = [0, 0, 0, 0];
  const rows = readFileSync(decemberFile, 'utf8').trim().split('\n').slice(0, rowsMax);
  for (const [order, row] of rows.map((text): Row => JSON.parse(text)).entries()) {
    if (!row.member) {
      guests++;
      continue;
    }
    const { email } = row.member;
    const member = members.get(email) ?? {
      available: 50,
      earned: 0,
      clawedBack: 0,
      qualifying: 0,
      tier: 'ami' as const,
      bought: [],
    };
    members.set(email, member);
    if (row.type === 'refund') {
      const { unmatched, matched } = takeBack(member, row.lines);
      unmatchedLines += unmatched;
      returns += matched ? 1 : 0;
    } else {
      const quarters = thresholds.find(([id]) => id === member.tier)?.[2] ?? 4;
      earn(member, row, order, quarters * storeMultiplier);
      purchases++;
    }
    // All of it lies in one window, so the tier is what the qualifying points say, up and down.
    const reached = thresholds.filter(([, threshold]) => member.qualifying >= threshold).at(-1);
    member.tier = reached?.[0] ?? 'ami';
  }
  return { members, unmatchedLines, guests, purchases, returns };
}

function worth(left: Bought['left'], quarters: number): { points: number; qualifying: number } {
  const pence = left.reduce((sum, line) => sum + (line.counts ? line.amount : 0), 0);
  // Cents to points is a hundredth, and a quarter makes it a four-hundredth; both are exact in integers.
  const points = Math.floor((pence * quarters) / 400);
  return { points: Math.min(100_000, points), qualifying: Math.min(100_000, Math.floor(pence / 100)) };
}

function earn(member: Recomputed & { bought: Bought[] }, row: Row, order: number, quarters: number): void {
  const left = row.lines.map(({ sku, quantity, amountMinor, category = '' }) => ({
    sku,
    quantity,
    amount: amountMinor,
    counts: !excluded.includes(category),
  }));
  const value = worth(left, quarters);
  member.bought.push({ at: Date.parse(row.occurredAt), order, quarters, left, ...value });
  member.available += value.points;
  member.earned += value.points;
  member.qualifying += value.qualifying;
}

/** @returns how many lines found less than they asked for, and whether any found something */
function takeBack(
  member: Recomputed & { bought: Bought[] },
  lines: readonly Line[],
): { unmatched: number; matched: boolean } {
  const newest = [...member.bought].sort((a, b) => b.at - a.at || b.order - a.order);
  const wanted = lines.map(({ sku, quantity }) => ({ sku, quantity, asked: quantity }));
  for (const purchase of newest) {
    for (const want of wanted)
      for (const line of purchase.left) {
        if (line.sku !== want.sku || want.quantity === 0 || line.quantity === 0) continue;
        const quantity = Math.min(want.quantity, line.quantity);
        line.amount -= Math.floor((2 * line.amount * quantity + line.quantity) / (2 * line.quantity));
        line.quantity -= quantity;
        want.quantity -= quantity;
      }
    const value = worth(purchase.left, purchase.quarters);
    member.available -= purchase.points - value.points;
    member.clawedBack += purchase.points - value.points;
    member.qualifying -= purchase.qualifying - value.qualifying;
    Object.assign(purchase, value);
  }
  return {
    unmatched: wanted.filter(({ quantity }) => quantity > 0).length,
    matched: wanted.some(({ quantity, asked }) => quantity < asked),
  };
}
