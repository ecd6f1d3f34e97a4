/**
 * How a basis gives its points, told step by step in exact fractions. It says what `priced` (earning.ts)
 * computes; that the last step is its result is a property under test.
 */
import type { EarningBasis } from './account.ts';
import { bonusPoints, lineMultiplier } from './campaigns.ts';
import type { ExplanationStep } from './contract/shapes/entry.ts';
import { compare, decimal } from './decimal.ts';
import { freeVisit } from './earning.ts';
import type { LocalizedText } from './localized.ts';
import type { Program } from './program.ts';
import { speak } from './program-texts.ts';

/** A non-negative fraction of integers. */
interface Exact {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

function exact(numerator: number | bigint, denominator: number | bigint = 1n): Exact {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

function times(value: Exact, factor: Exact): Exact {
  return {
    numerator: value.numerator * factor.numerator,
    denominator: value.denominator * factor.denominator,
  };
}

function ofDecimal(text: string): Exact {
  const { units, scale } = decimal(text);
  return exact(units, 10n ** BigInt(scale));
}

function floor({ numerator, denominator }: Exact): bigint {
  return numerator / denominator;
}

const decimalsMax = 4n;

/** Up to four decimals; `…` stands where more would follow. */
function show({ numerator, denominator }: Exact): string {
  const scaled = numerator * 10n ** decimalsMax;
  const digits = (scaled / denominator).toString().padStart(Number(decimalsMax) + 1, '0');
  const cut = digits.length - Number(decimalsMax);
  const rest = scaled % denominator === 0n ? '' : '…';
  const fraction = rest ? digits.slice(cut) : digits.slice(cut).replace(/0+$/, '');
  return `${digits.slice(0, cut)}${fraction || rest ? '.' : ''}${fraction}${rest}`;
}

/** A step that is a whole number of points. */
export function wholePoints(label: string, value: number): ExplanationStep {
  return step(label, exact(value), 'points');
}

function step(label: string, value: Exact, unit: ExplanationStep['unit'], factor?: string): ExplanationStep {
  return { label, ...(factor === undefined ? {} : { factor }), value: show(value), unit };
}

interface Factor {
  readonly label: string;
  readonly factor: string;
  readonly by: Exact;
}

/** What the amounts are multiplied by, in this order. */
function factorsOf(basis: EarningBasis, program: Program | undefined): Factor[] {
  const { rate, tier, channel, currency } = basis;
  const written = (label: string, factor: string): Factor => ({ label, factor, by: ofDecimal(factor) });
  const ratio = (label: string, by: Exact): Factor => ({
    label,
    factor: `${by.numerator}/${by.denominator}`,
    by,
  });
  return [
    ratio(`Points for ${currency}`, exact(rate.points, rate.perMinor)),
    written(`Tier ${tierName(tier.id, program).name}`, tier.multiplier),
    written(`Channel ${channel.id}`, channel.multiplier),
    ...(basis.orderRefundMinor
      ? [ratio('What refunds on the whole order leave of it', orderShare(basis))]
      : []),
  ];
}

/**
 * The basis without campaigns that have a budget: what those add comes last, since it ends with the budget.
 */
function withoutBudgets(basis: EarningBasis): EarningBasis {
  const campaigns = basis.campaigns?.filter((one) => one.budgetPoints === undefined) ?? [];
  const lines = basis.lines.map(({ id, amountMinor }) => {
    const multiplier = lineMultiplier(campaigns, id, basis.totalMinor);
    return { id, amountMinor, ...(multiplier === undefined ? {} : { multiplier }) };
  });
  return { ...basis, campaigns, lines };
}

/** The steps by which a basis gives its points, multipliers in their order. The last value is the result. */
export function pricingSteps(whole: EarningBasis, program: Program | undefined): ExplanationStep[] {
  const basis = withoutBudgets(whole);
  const steps = amountSteps(basis, program);
  let value = weightedAmount(basis);
  for (const { label, factor, by } of factorsOf(basis, program)) {
    value = times(value, by);
    steps.push(step(label, value, 'points', factor));
  }
  const budgeted = (whole.campaigns ?? []).flatMap(({ id, budgetPoints = 0 }) =>
    budgetPoints > 0
      ? [{ label: `Campaign ${campaignName(id, program)}, from its budget`, points: budgetPoints }]
      : [],
  );
  return [...steps, ...wholeSteps(basis, value, [...additions(basis, program), ...budgeted])];
}

/** Everything after the multipliers: the one floor, the cap, and what is added to it. */
function wholeSteps(basis: EarningBasis, value: Exact, added: readonly Addition[]): ExplanationStep[] {
  const floored = floor(value);
  const max = BigInt(basis.maxPoints);
  const steps = [step('Rounded down to whole points', exact(floored), 'points')];
  if (floored > max) steps.push(step('The most that one purchase may earn', exact(max), 'points'));
  let total = floored < max ? floored : max;
  for (const { label, points } of added) {
    total += BigInt(points);
    steps.push(step(label, exact(total), 'points', `+${points}`));
  }
  return steps;
}

interface Addition {
  readonly label: string;
  readonly points: number;
}

function additions(basis: EarningBasis, program: Program | undefined): Addition[] {
  const { campaigns = [], visit, totalMinor, lines } = basis;
  if (lines.every((line) => line.amountMinor <= 0) || orderShare(basis).numerator === 0n)
    return [{ label: 'The visit', points: freeVisit(basis) }].filter(({ points }) => points > 0);
  const bonuses = campaigns.map((campaign) => ({
    label: `Campaign ${campaignName(campaign.id, program)}`,
    points: bonusPoints([campaign], lines, totalMinor),
  }));
  const visited = visit && totalMinor >= visit.minimumMinor ? visit.points : 0;
  return [...bonuses, { label: 'The visit', points: visited }].filter(({ points }) => points > 0);
}

/** The amounts, and what campaigns make of them: one step for each multiplier. */
function amountSteps(basis: EarningBasis, program: Program | undefined): ExplanationStep[] {
  let sum = exact(plainAmount(basis));
  const count = basis.lines.length;
  const steps = [step(`Amounts that earn, ${count} ${count === 1 ? 'line' : 'lines'}`, sum, 'minor')];
  for (const multiplier of new Set(basis.lines.map((line) => line.multiplier))) {
    if (multiplier === undefined) continue;
    const lines = basis.lines.filter((line) => line.multiplier === multiplier);
    const amount = exact(lines.reduce((total, line) => total + BigInt(line.amountMinor), 0n));
    const more = minus(times(amount, ofDecimal(multiplier)), amount);
    sum = plus(sum, more);
    const names = new Set(lines.flatMap((line) => campaignsOn(basis, line.id)));
    const named = [...names].map((id) => campaignName(id, program)).join(', ');
    steps.push(step(`Campaign ${named} on ${show(amount)} of it`, sum, 'minor', multiplier));
  }
  return steps;
}

function plus(a: Exact, b: Exact): Exact {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

function minus(a: Exact, b: Exact): Exact {
  return plus(a, { numerator: -b.numerator, denominator: b.denominator });
}

function plainAmount({ lines }: EarningBasis): bigint {
  return lines.reduce((sum, line) => sum + BigInt(line.amountMinor), 0n);
}

function weightedAmount({ lines }: EarningBasis): Exact {
  return lines.reduce(
    (sum, line) => plus(sum, times(exact(line.amountMinor), ofDecimal(line.multiplier ?? '1'))),
    exact(0n),
  );
}

/** The part of every line that refunds on the whole order have left. */
function orderShare(basis: EarningBasis): Exact {
  const plain = plainAmount(basis);
  const spread = BigInt(basis.orderRefundMinor ?? 0);
  return exact(plain > spread ? plain - spread : 0n, plain > 0n ? plain : 1n);
}

/** The campaigns that make a line's multiplier: the highest of those that match, and all that stack. */
export function campaignsOn({ campaigns = [], totalMinor }: EarningBasis, lineId: string): string[] {
  const matching = campaigns.filter(
    (one) =>
      one.multiplier !== undefined &&
      totalMinor >= (one.minimumMinor ?? 0) &&
      (one.lines?.includes(lineId) ?? true),
  );
  const [highest] = matching
    .filter((one) => !one.stacks)
    .sort((a, b) => compare(decimal(b.multiplier ?? '0'), decimal(a.multiplier ?? '0')));
  return matching.filter((one) => one.stacks || one === highest).map(({ id }) => id);
}

/** What the one rounding did, as a sentence. */
export function roundingOf(whole: EarningBasis): string {
  const basis = withoutBudgets(whole);
  const value = factorsOf(basis, undefined).reduce((sum, { by }) => times(sum, by), weightedAmount(basis));
  const floored = floor(value);
  return value.numerator % value.denominator === 0n
    ? `The sum is a whole number: ${floored}.`
    : `The exact sum, ${show(value)}, was rounded down once, at the end, to ${floored}.`;
}

/** A tier as the programme names it; by its id where the programme no longer has it. */
export function tierName(id: string, program: Program | undefined): { id: string; name: string } {
  return { id, name: nameIn(program, program?.tiers, id) };
}

export function campaignName(id: string, program: Program | undefined): string {
  return nameIn(program, program?.campaigns, id);
}

function nameIn(
  program: Program | undefined,
  list: readonly { readonly id: string; readonly name: LocalizedText }[] | undefined,
  id: string,
): string {
  const named = list?.find((one) => one.id === id);
  return program && named ? speak(program)(named.name) : id;
}
