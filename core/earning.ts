/**
 * What a purchase earns: one exact sum, one floor at the end.
 *
 *   points = min(max, floor( Σ over eligible lines of amountMinor × points/perMinor × tier × channel × campaign ))
 *
 * The same function prices a purchase and, after refunds, what is left of it, so the two cannot drift apart.
 */
import type { EarningBasis } from './account.ts';
import type { Channel } from './contract/ids.ts';
import type { RecordedPurchase } from './contract/shapes.ts';
import { utc } from './contract/shapes.ts';
import { type Decimal, decimal, multiply } from './decimal.ts';
import { type Program, tierOf } from './program.ts';
import { addMonths, localDate, monthOf, monthStart, startOfDay } from './time.ts';

type BasisWithoutResult = Omit<EarningBasis, 'points' | 'qualifyingPoints'>;

const one: Decimal = { units: 1n, scale: 0 };

/** Floors an exact product of non-negative amounts to whole points. */
function floorPoints(sum: Decimal, rate: EarningBasis['rate'], left: bigint, of: bigint): bigint {
  return (sum.units * BigInt(rate.points) * left) / (BigInt(rate.perMinor) * of * 10n ** BigInt(sum.scale));
}

function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return {
    units: a.units * 10n ** BigInt(scale - a.scale) + b.units * 10n ** BigInt(scale - b.scale),
    scale,
  };
}

/** Completes a basis with what comes out under it. Amounts refunded on the whole order shrink every line alike. */
export function priced(basis: BasisWithoutResult): EarningBasis {
  let weighted: Decimal = { units: 0n, scale: 0 };
  let plain = 0n;
  for (const line of basis.lines) {
    const amount: Decimal = { units: BigInt(line.amountMinor), scale: 0 };
    weighted = add(weighted, multiply(amount, line.multiplier ? decimal(line.multiplier) : one));
    plain += amount.units;
  }
  const multiplied = multiply(
    multiply(weighted, decimal(basis.tier.multiplier)),
    decimal(basis.channel.multiplier),
  );
  const spread = BigInt(basis.orderRefundMinor ?? 0);
  const left = plain > spread ? plain - spread : 0n;
  const of = plain > 0n ? plain : 1n;
  const earned = floorPoints(multiplied, basis.rate, left, of);
  const qualifying = floorPoints({ units: plain, scale: 0 }, basis.rate, left, of);
  const max = BigInt(basis.maxPoints);
  return {
    ...basis,
    points: Number(earned < max ? earned : max),
    qualifyingPoints: Number(qualifying < max ? qualifying : max),
  };
}

/**
 * What a purchase earns now for a member of the tier.
 * @throws Error when the programme has no rate for the currency: the door refuses such a purchase
 */
export function earningOf(program: Program, tierId: string, purchase: RecordedPurchase): EarningBasis {
  const rate = program.currencies[purchase.currency];
  if (!rate) throw new Error(`The programme has no rate for ${purchase.currency}.`);
  const tier = tierOf(program, tierId);
  const excluded = new Set(program.excludedCategories);
  return priced({
    currency: purchase.currency,
    rate,
    tier: { id: tier.id, multiplier: tier.multiplier },
    channel: { id: purchase.channel, multiplier: program.channels[purchase.channel].multiplier },
    maxPoints: program.maxPointsPerPurchase,
    lines: purchase.lines
      .filter((line) => line.category === undefined || !excluded.has(line.category))
      .map(({ id, amountMinor }) => ({ id, amountMinor })),
  });
}

/** When points that were earned at an instant can be spent, and when they lapse. */
export function lotInstants(
  program: Program,
  channel: Channel | null,
  occurredAt: number,
  now: number,
): { availableAt: string | null; expiresAt: string | null } {
  const { timeZone } = program;
  const pendingDays = channel === null ? 0 : program.channels[channel].pendingDays;
  const date = localDate(occurredAt, timeZone);
  const available = startOfDay({ ...date, day: date.day + pendingDays }, timeZone);
  const expires =
    program.expiry &&
    monthStart(addMonths(monthOf(occurredAt, timeZone), program.expiry.months + 1), timeZone);
  return {
    availableAt: pendingDays > 0 && available > now ? utc(available) : null,
    expiresAt: expires === null ? null : utc(expires),
  };
}
