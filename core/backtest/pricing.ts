/**
 * What a purchase is worth under a candidate: the same as core/earning.ts, in safe integers wherever they
 * provably hold every intermediate result. Products of safe integers are exact or, rounded, larger than any
 * safe integer, so testing the result tests the way to it. What does not fit is priced by core/earning.ts.
 */
import type { RecordedPurchase } from '../contract/shapes/purchase.ts';
import { priced } from '../earning.ts';
import type { PurchaseRecord } from '../purchases.ts';
import { applied, countingWith, earns, lineUnits, type Met, scaleOf } from './campaigns.ts';
import type { Candidate, Terms } from './candidate.ts';

/** A purchase with everything that was decided when it was posted. */
export interface Sale {
  readonly purchase: RecordedPurchase;
  readonly terms: Terms;
  readonly met: readonly Met[];
  /** Whether it earned points for the visit. */
  readonly visited: boolean;
}

/** What has been asked back of a purchase, as its record keeps it. */
export type Refunded = Pick<PurchaseRecord, 'refundedLines' | 'refundedOrderMinor'>;

export interface Worth {
  readonly points: number;
  readonly qualifyingPoints: number;
}

const safe = Number.MAX_SAFE_INTEGER;

/** Floors a quotient of non-negative safe integers. */
function quotient(numerator: number, denominator: number): number {
  return (numerator - (numerator % denominator)) / denominator;
}

/** The worth of a purchase, or of what refunds have left of it. */
export function worthOf(candidate: Candidate, sale: Sale, refunded: Refunded | undefined): Worth {
  // A refund of the whole order is spread over the lines in exact fractions.
  if (refunded && refunded.refundedOrderMinor > 0) return exactly(candidate, sale, refunded);
  const { terms } = sale;
  const plain = eligibleMinor(candidate, sale.purchase, refunded);
  if (plain > terms.plain.amountMax) return exactly(candidate, sale, refunded);
  const max = candidate.program.maxPointsPerPurchase;
  const qualifyingPoints = Math.min(max, quotient(plain * terms.plain.by, terms.plain.per));
  if (sale.met.length === 0 && !sale.visited) {
    if (plain > terms.whole.amountMax) return exactly(candidate, sale, refunded);
    return { points: Math.min(max, quotient(plain * terms.whole.by, terms.whole.per)), qualifyingPoints };
  }
  const totalMinor = totalLeft(sale.purchase, refunded);
  const counting = countingWith(sale.met, totalMinor);
  const { unit } = candidate;
  const per = scaleOf(counting, unit) * terms.whole.per;
  const weighted = weightedMinor(candidate, sale.purchase, counting, refunded, plain) * terms.whole.by;
  if (weighted > safe || per > safe || plain > terms.whole.amountMax)
    return exactly(candidate, sale, refunded);
  const points = Math.min(max, quotient(weighted, per));
  const more = plain > 0 ? fixedPoints(candidate, sale, counting, totalMinor, refunded) : 0;
  return { points: points + more, qualifyingPoints };
}

/** What is left of one line. */
function lineLeft(line: RecordedPurchase['lines'][number], refunded: Refunded | undefined): number {
  const back = refunded?.refundedLines[line.id]?.amountMinor ?? 0;
  return back < line.amountMinor ? line.amountMinor - back : 0;
}

/** The sum of the lines that earn. */
function eligibleMinor(
  candidate: Candidate,
  { lines }: RecordedPurchase,
  refunded: Refunded | undefined,
): number {
  const { excluded } = candidate;
  let sum = 0;
  for (const line of lines)
    if (line.category === undefined || !excluded.has(line.category))
      sum += refunded ? lineLeft(line, refunded) : line.amountMinor;
  return sum;
}

/** What remains of the whole purchase, shipping included. */
export function totalLeft({ lines, totalMinor }: RecordedPurchase, refunded: Refunded | undefined): number {
  if (!refunded) return totalMinor;
  let back = refunded.refundedOrderMinor;
  for (const line of lines) back += line.amountMinor - lineLeft(line, refunded);
  return back < totalMinor ? totalMinor - back : 0;
}

/** The sum of the lines that earn, each times what campaigns make of it; see `scaleOf` for its scale. */
function weightedMinor(
  candidate: Candidate,
  { lines }: RecordedPurchase,
  counting: readonly Met[],
  refunded: Refunded | undefined,
  plain: number,
): number {
  const { unit } = candidate;
  // Where every campaign matches every line the amounts are summed first.
  if (counting.every((one) => one.lines === null)) return plain * lineUnits(counting, undefined, unit);
  let sum = 0;
  for (const [index, line] of lines.entries())
    if (earns(candidate, line)) sum += lineLeft(line, refunded) * lineUnits(counting, index, unit);
  return sum;
}

/** Bonus points of campaigns of which a matching line remains, and the visit's. */
function fixedPoints(
  { program }: Candidate,
  { purchase, visited }: Sale,
  counting: readonly Met[],
  totalMinor: number,
  refunded: Refunded | undefined,
): number {
  const { visits } = program;
  let sum = visited && visits && totalMinor >= visits.minimumMinor ? visits.points : 0;
  for (const { campaign, lines } of counting) {
    const remains =
      lines === null || purchase.lines.some((line, index) => lines[index] && lineLeft(line, refunded) > 0);
    if (remains) sum += campaign.bonusPoints;
  }
  return sum;
}

/** The same by core/earning.ts: whole-order refunds, and amounts beyond safe integers. */
function exactly(candidate: Candidate, sale: Sale, refunded: Refunded | undefined): Worth {
  const { program } = candidate;
  const { purchase, terms, met, visited } = sale;
  const order = refunded?.refundedOrderMinor ?? 0;
  const { points, qualifyingPoints } = priced({
    currency: purchase.currency,
    rate: terms.rate,
    tier: terms.tier,
    channel: terms.channel,
    maxPoints: program.maxPointsPerPurchase,
    lines: purchase.lines
      .filter((line) => earns(candidate, line))
      .map((line) => ({ id: line.id, amountMinor: lineLeft(line, refunded) })),
    campaigns: met.map((one) => applied(one, purchase)),
    ...(visited && program.visits
      ? { visit: { points: program.visits.points, minimumMinor: program.visits.minimumMinor } }
      : {}),
    totalMinor: totalLeft(purchase, refunded),
    ...(order > 0 ? { orderRefundMinor: order } : {}),
  });
  return { points, qualifyingPoints };
}
