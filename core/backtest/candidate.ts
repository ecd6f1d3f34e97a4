/**
 * A candidate programme, compiled once for a backtest: multipliers as integers, rates as fractions in lowest
 * terms, excluded categories as a set, conditions compiled, days of the time zone kept.
 */
import type { Channel } from '../contract/ids.ts';
import { channels } from '../contract/ids.ts';
import type { RecordedPurchase } from '../contract/shapes/purchase.ts';
import { type Decimal, decimal, multiply } from '../decimal.ts';
import { type Condition, compileCondition } from '../expressions.ts';
import type { Program, ProgramDocument } from '../program.ts';
import { addMonths, monthStart, startOfDay } from '../time.ts';
import { byLocalDay } from './days.ts';

/** A fraction of integers; `amountMax` is the largest amount that it can be applied to in safe integers. */
export interface Fraction {
  readonly by: number;
  readonly per: number;
  readonly amountMax: number;
}

/** What a purchase's currency, tier and channel make of its amounts. */
export interface Terms {
  readonly rate: ProgramDocument['currencies'][string];
  readonly tier: { readonly id: string; readonly multiplier: string };
  readonly channel: { readonly id: Channel; readonly multiplier: string };
  /** Rate, tier and channel in one. */
  readonly whole: Fraction;
  /** The rate alone: qualifying points. */
  readonly plain: Fraction;
}

export interface CandidateCampaign {
  readonly document: ProgramDocument['campaigns'][number];
  readonly from: number;
  readonly to: number;
  /** The multiplier in the candidate's unit; undefined where the campaign gives bonus points. */
  readonly units: number | undefined;
  readonly bonusPoints: number;
  readonly minimumMinor: number;
  readonly condition: Condition | undefined;
  readonly reads: Reads;
  /** What the condition said of a value of the one field that it reads, where it reads nothing else. */
  readonly known: Map<unknown, boolean>;
}

type LineField = keyof RecordedPurchase['lines'][number];

/**
 * What a condition can tell apart, read off its text. Whatever the text says in literals only adds to it, so
 * what is left out is not read for certain.
 */
export interface Reads {
  /** The one field of lines that it reads; `none`, or `many` for whatever is more. */
  readonly line: LineField | 'none' | 'many';
  /** Whether it reads nothing but lines: then it says the same of the same field in every purchase. */
  readonly onlyLines: boolean;
}

/** What follows from the day on which a purchase occurred. */
export interface Day {
  readonly month: string;
  /** When points lapse that are earned on it; infinite for never. */
  readonly expiresAt: number;
  /** When its points can be spent, by channel; 0 for at once. */
  readonly availableAt: Readonly<Record<Channel, number>>;
}

export interface Candidate {
  /**
   * The document as a programme, without stamp cards, which give no points, and without budgets: members are
   * replayed one by one, and what a budget has left for one of them depends on all the others.
   */
  readonly program: Program;
  readonly excluded: ReadonlySet<string>;
  /** By currency and channel, one for each tier in its order. */
  readonly terms: ReadonlyMap<string, Readonly<Record<Channel, readonly Terms[]>>>;
  readonly campaigns: readonly CandidateCampaign[];
  /** A campaign's multiplier of 1, as an integer. */
  readonly unit: number;
  readonly dayOf: (instant: number) => Day;
}

export function compileCandidate(document: ProgramDocument): Candidate {
  const campaigns = document.campaigns.map(({ budgetPoints: _budgetPoints, ...rest }) => rest);
  const program: Program = { ...document, campaigns, stamps: [], version: 0 };
  const scale = Math.max(0, ...campaigns.map((one) => decimal(one.multiplier ?? '1').scale));
  return {
    program,
    excluded: new Set(document.excludedCategories),
    terms: new Map(Object.entries(document.currencies).map(([code, rate]) => [code, termsOf(program, rate)])),
    campaigns: campaigns.map((one) => compileCampaign(one, scale)),
    unit: 10 ** scale,
    dayOf: byLocalDay(document.timeZone, (date) => dayOn(program, date)),
  };
}

function termsOf(program: Program, rate: Terms['rate']): Record<Channel, Terms[]> {
  const plain = fraction({ units: 1n, scale: 0 }, rate);
  const on = (id: Channel) =>
    program.tiers.map((tier): Terms => {
      const { multiplier } = program.channels[id];
      const factors = multiply(decimal(tier.multiplier), decimal(multiplier));
      return {
        rate,
        tier: { id: tier.id, multiplier: tier.multiplier },
        channel: { id, multiplier },
        whole: fraction(factors, rate),
        plain,
      };
    });
  return Object.fromEntries(channels.map((id) => [id, on(id)])) as Record<Channel, Terms[]>;
}

/** A rate times a decimal, in lowest terms; one that is beyond safe integers fits no amount at all. */
function fraction({ units, scale }: Decimal, { points, perMinor }: Terms['rate']): Fraction {
  const by = units * BigInt(points);
  const per = BigInt(perMinor) * 10n ** BigInt(scale);
  const common = greatestCommonDivisor(by, per);
  const [top, bottom] = [Number(by / common), Number(per / common)];
  const fits = Number.isSafeInteger(top) && Number.isSafeInteger(bottom);
  const amountMax = top === 0 ? Number.MAX_SAFE_INTEGER : Math.floor(Number.MAX_SAFE_INTEGER / top);
  return { by: top, per: bottom, amountMax: fits ? amountMax : -1 };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

function compileCampaign(document: Program['campaigns'][number], scale: number): CandidateCampaign {
  const { when, multiplier, bonusPoints = 0, minimumMinor = 0 } = document;
  const compiled = when === undefined ? undefined : compileCondition(when);
  if (compiled && 'error' in compiled)
    throw new Error(`The condition ${when} does not compile: ${compiled.error.message}`);
  const read = decimal(multiplier ?? '1');
  return {
    document,
    from: Date.parse(document.from),
    to: Date.parse(document.to),
    units: multiplier === undefined ? undefined : Number(read.units) * 10 ** (scale - read.scale),
    bonusPoints,
    minimumMinor,
    condition: compiled?.condition,
    reads: readsOf(when ?? ''),
    known: new Map(),
  };
}

const lineFields: readonly LineField[] = [
  'id',
  'sku',
  'gtin',
  'name',
  'category',
  'brand',
  'quantity',
  'amountMinor',
  'discountMinor',
];

function readsOf(when: string): Reads {
  const named = when.match(/\bline\b/g) ?? [];
  const fields = [...when.matchAll(/\bline\s*\.\s*(\w+)/g)].map(([, name]) => name);
  const [first] = fields;
  const field = lineFields.find((one) => one === first);
  const single = fields.length === named.length && fields.every((one) => one === first);
  return {
    line: named.length === 0 ? 'none' : single && field !== undefined ? field : 'many',
    onlyLines: !/\b(purchase|member)\b/.test(when),
  };
}

function dayOn(program: Program, { year, month, day }: { year: number; month: number; day: number }): Day {
  const { timeZone, expiry } = program;
  const name = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
  const availableAt = (channel: Channel) => {
    const { pendingDays } = program.channels[channel];
    return pendingDays > 0 ? startOfDay({ year, month, day: day + pendingDays }, timeZone) : 0;
  };
  return {
    month: name,
    expiresAt: expiry ? monthStart(addMonths(name, expiry.months + 1), timeZone) : Number.POSITIVE_INFINITY,
    availableAt: { web: availableAt('web'), store: availableAt('store'), app: availableAt('app') },
  };
}
