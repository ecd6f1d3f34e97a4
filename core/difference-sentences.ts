/**
 * A programme's changes in words. Each place of the document has a sentence of its own; a place that has none
 * is told by its path, so that no change is ever left out.
 */

import {
  appears,
  count,
  days,
  excludes,
  type Fields,
  gives,
  limited,
  listed,
  minimums,
  money,
  months,
  moves,
  of,
  points,
  rate,
  renamed,
  summary,
  value,
  type Words,
  waits,
} from './difference-words.ts';
import type { ProgramDocument } from './program.ts';
import type { PlacedChange } from './program-difference.ts';
import { defaultStampsMax } from './stamps.ts';

const size = (list: unknown) => (list as readonly unknown[]).length;

/** How many of a list are not in another. */
function without(list: unknown, other: unknown): number {
  const known = new Set(other as readonly unknown[]);
  return (list as readonly unknown[]).filter((one) => !known.has(one)).length;
}

/** The first that matches counts; `*` stands for one part of the path. */
const table: readonly (readonly [pattern: string, words: Words])[] = [
  ['name', ({ before, after }) => `The programme is called ${value(after)} instead of ${value(before)}.`],
  [
    'timeZone',
    ({ before, after }) => `Days and months begin as in ${value(after)} instead of ${value(before)}.`,
  ],
  [
    'currencies',
    ({ before, after }) =>
      `Minimums that say no currency are in ${value(after)} instead of ${value(before)}.`,
  ],
  [
    'currencies.*',
    (said) => {
      const [currency] = said.names;
      if (said.kind === 'added') return `Purchases in ${currency} are accepted: ${rate(said, said.after)}.`;
      if (said.kind === 'removed') return `Purchases in ${currency} are no longer accepted.`;
      return `Purchases in ${currency} earn ${rate(said, said.after)} instead of ${rate(said, said.before)}.`;
    },
  ],
  ['excludedCategories.*', excludes((name) => `Lines of the category ${name}`)],
  ['excluded.skus.*', excludes((name) => `Lines of the article ${name}`)],
  ['excluded.brands.*', excludes((name) => `Lines of the brand ${name}`)],
  ['excluded.prefixes.*', excludes((name) => `Articles that begin with ${name}`)],
  [
    'channels.*',
    ({ kind, names, before, after }) =>
      kind === 'added'
        ? `Purchases of ${names[0]} have terms of their own, no longer those of its kind: ${summary(after)}.`
        : `Purchases of ${names[0]} have the terms of its kind, no longer their own: ${summary(before)}.`,
  ],
  ['channels.*.multiplier', moves(({ names }) => `The ${names[0]} multiplier`)],
  [
    'channels.*.pendingDays',
    ({ names, before, after }) =>
      `${waits(names[0], after)}; before, ${before === 0 ? 'they could be spent at once' : `they waited ${days(before)}`}.`,
  ],
  [
    'expiry',
    ({ kind, before, after }) => {
      if (kind === 'added') return `Points lapse after ${months(after)}; before, they never did.`;
      if (kind === 'removed') return `Points no longer lapse; before, they did after ${months(before)}.`;
      return `Points lapse after ${months(after)} instead of ${value((before as Fields)['months'])}.`;
    },
  ],
  [
    'debt',
    ({ after }) =>
      after === 'carry'
        ? 'What a refund cannot take back is carried as a debt instead of written off.'
        : 'What a refund cannot take back is written off instead of carried as a debt.',
  ],
  [
    'holdMinutes',
    ({ before, after }) =>
      `An authorised redemption holds its points for ${count(after, 'minute')} instead of ${value(before)}.`,
  ],
  [
    'grantLimit',
    ({ before, after }) => `One operator alone may grant up to ${points(after)} instead of ${value(before)}.`,
  ],
  [
    'maxPointsPerPurchase',
    ({ before, after }) => `One purchase may earn at most ${points(after)} instead of ${value(before)}.`,
  ],
  ['tiers.*', listed('Tier')],
  [
    'tiers.*.name',
    ({ names, before, after }) => `Tier ${names[0]} is called ${value(after)} instead of ${value(before)}.`,
  ],
  [
    'tiers.*.threshold',
    ({ names, before, after }) =>
      `Tier ${names[0]} is reached at ${value(after)} instead of ${points(before)}.`,
  ],
  ['tiers.*.multiplier', moves(of('multiplier', 'tier'))],
  ['tiers.*.benefits', appears(({ names }) => `What tier ${names[0]} brings besides points`)],
  [
    'bonuses.referral',
    appears(
      () => 'The bonus for bringing a friend',
      (fields) => summary(fields),
    ),
  ],
  ['bonuses.referral.referrer', moves(() => 'The bonus for who brings a friend', points)],
  ['bonuses.referral.referee', moves(() => 'The bonus for who was brought by a friend', points)],
  ['bonuses.referral.minimumMinor', minimums(() => 'The first purchase that a friend has to make')],
  ['bonuses.referral.perMonth', moves(() => 'The number of friends that are rewarded in a month')],
  ['bonuses.*', gives(({ names }) => `The ${names[0]} bonus`)],
  [
    'visits',
    appears(
      () => 'What a visit gives',
      (fields) => summary(fields),
    ),
  ],
  ['visits.points', moves(() => 'What a visit gives', points)],
  ['visits.minimumMinor', minimums(() => 'The smallest purchase that counts as a visit')],
  [
    'visits.coolDownHours',
    moves(
      () => 'The time between two visits that count',
      (hours) => count(hours, 'hour'),
    ),
  ],
  [
    'visits.free',
    ({ after }) =>
      after === true
        ? 'A purchase that cost nothing is a visit, too.'
        : 'A purchase that cost nothing is no visit any more.',
  ],
  ['campaigns.*', listed('Campaign')],
  [
    'campaigns.*.from',
    ({ names, before, after }) =>
      `Campaign ${names[0]} begins at ${value(after)} instead of ${value(before)}.`,
  ],
  [
    'campaigns.*.to',
    ({ names, before, after }) => `Campaign ${names[0]} ends at ${value(after)} instead of ${value(before)}.`,
  ],
  [
    'campaigns.*.when',
    ({ kind, names, before, after }) => {
      if (kind === 'added')
        return `Campaign ${names[0]} is now for lines with ${value(after)}; it was for all.`;
      if (kind === 'removed')
        return `Campaign ${names[0]} is now for all lines; it was for those with ${value(before)}.`;
      return `Campaign ${names[0]} is for lines with ${value(after)} instead of ${value(before)}.`;
    },
  ],
  ['campaigns.*.multiplier', moves(of('multiplier', 'campaign'))],
  ['campaigns.*.bonusPoints', moves(of('bonus', 'campaign'), points)],
  [
    'campaigns.*.stacks',
    ({ names, after }) =>
      after === true
        ? `Campaign ${names[0]} multiplies onto the others.`
        : `Campaign ${names[0]} no longer multiplies onto the others: the highest counts.`,
  ],
  ['campaigns.*.channels', limited('Campaign', 'channels')],
  ['campaigns.*.tiers', limited('Campaign', 'tiers')],
  [
    'campaigns.*.members',
    ({ kind, names, before, after }) => {
      if (kind === 'added') return `Campaign ${names[0]} is only for ${count(size(after), 'member')}.`;
      if (kind === 'removed')
        return `Campaign ${names[0]} is for all members; it was for ${value(size(before))}.`;
      const [came, went] = [without(after, before), without(before, after)];
      return `Campaign ${names[0]} is for ${count(size(after), 'member')}: ${came} came, ${went} went.`;
    },
  ],
  ['campaigns.*.minimumMinor', minimums(of('smallest purchase', 'campaign'))],
  ['campaigns.*.budgetPoints', moves(of('budget', 'campaign'), points)],
  ['stamps.*', listed('Stamp card')],
  [
    'stamps.*.when',
    ({ names, before, after }) =>
      `Stamp card ${names[0]} is for lines with ${value(after)} instead of ${value(before)}.`,
  ],
  [
    'stamps.*.of',
    ({ names, before, after }) =>
      `Stamp card ${names[0]} is full with ${count(after, 'stamp')} instead of ${value(before)}.`,
  ],
  [
    'stamps.*.reward',
    ({ names, before, after }) =>
      `A full stamp card ${names[0]} gives ${value(after)} instead of ${value(before)}.`,
  ],
  [
    'stamps.*.free',
    ({ names, after }) =>
      after === true
        ? `Stamp card ${names[0]} is filled by what cost nothing, too.`
        : `Stamp card ${names[0]} is no longer filled by what cost nothing.`,
  ],
  ['stamps.*.perPurchase', bounded('one purchase')],
  ['stamps.*.perDay', bounded('one day')],
  ['rewards.*', listed('Reward')],
  [
    'rewards.*.points',
    ({ names, before, after }) => `Reward ${names[0]} costs ${points(after)} instead of ${value(before)}.`,
  ],
  [
    'rewards.*.type',
    ({ names, before, after }) =>
      `Reward ${names[0]} is of type ${value(after)} instead of ${value(before)}.`,
  ],
  ['rewards.*.valueMinor', appears(of('value', 'reward'), (minor, { currency }) => money(minor, currency))],
  ['rewards.*.currency', appears(of('currency', 'reward'))],
  ['rewards.*.percent', appears(of('percentage', 'reward'), (percent) => `${value(percent)} %`)],
  ['rewards.*.minimumMinor', minimums(of('smallest purchase', 'reward'))],
  ['rewards.*.sku', appears(of('article', 'reward'))],
  ['rewards.*.rewards', appears(({ names }) => `What bundle ${names[0]} is made of`)],
  ['rewards.*.validDays', appears(of('time to use a voucher', 'reward'), days)],
  ['rewards.*.tier', appears(({ names }) => `The tier that reward ${names[0]} is kept for`)],
  ['rewards.*.limit', appears(of('limit over all members', 'reward'))],
  ['rewards.*.limitPerMember', appears(of('limit for each member', 'reward'))],
  ['campaigns.*.name', renamed('Campaign')],
  ['stamps.*.name', renamed('Stamp card')],
  ['rewards.*.name', renamed('Reward')],
];

/** A bound of a stamp card, which there is also where the card says none. */
function bounded(what: string): Words {
  const most = (of: unknown) => value(of ?? defaultStampsMax);
  return ({ names, before, after }) =>
    `Stamp card ${names[0]} gives at most ${most(after)} stamps of ${what} instead of ${most(before)}.`;
}

/** The parts of a path that a pattern leaves open, or undefined where it does not match. */
function matched(pattern: string, path: readonly string[]): string[] | undefined {
  const parts = pattern.split('.');
  if (parts.length !== path.length) return undefined;
  const fits = parts.every((part, index) => part === '*' || part === path[index]);
  return fits ? path.filter((_, index) => parts[index] === '*') : undefined;
}

/** A change as a sentence that an operator understands. */
export function sentence(
  { place, kind, before, after }: PlacedChange,
  from: ProgramDocument,
  to: ProgramDocument,
): string {
  for (const [pattern, words] of table) {
    const names = matched(pattern, place);
    if (names) return words({ kind, before, after, names, currency: currencyOf(place, from, to) });
  }
  const path = place.join('.');
  if (kind === 'added') return `${path} is new: ${value(after)}.`;
  if (kind === 'removed') return `${path} is gone; it was ${value(before)}.`;
  return `${path} is now ${value(after)}; it was ${value(before)}.`;
}

/** The currency of a reward, after the change or before it. */
function currencyOf(
  [list, id]: readonly string[],
  from: ProgramDocument,
  to: ProgramDocument,
): string | undefined {
  if (list !== 'rewards') return undefined;
  const reward = [...to.rewards, ...from.rewards].find((one) => one.id === id);
  return reward?.type === 'amount' ? reward.currency : undefined;
}
