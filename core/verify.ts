/**
 * Verification: what is stored of a member, held against what the entries say. A fold goes through the entries
 * in their order and names every place where something stored is not what is computed. A difference never
 * ends it: after a broken entry it goes on with what the entry does, and from the hash that it carries, so one
 * edit is named once and not again by everything behind it.
 */

import {
  type Account,
  balanceOf,
  type Entry,
  emptyAccount,
  fold,
  foldLots,
  type LedgerAccount,
  type Lot,
  mayFollow,
  posted,
  type TierState,
  withoutListeners,
} from './account.ts';
import { canonicalJson } from './canonical.ts';
import { ofSeller } from './channels.ts';
import type { MemberId } from './contract/ids.ts';
import type { Balance } from './contract/shapes/basics.ts';
import { lotInstants, priced } from './earning.ts';
import { ownValue } from './own.ts';
import type { Program } from './program.ts';
import { entryHash, type Sha256 } from './replay.ts';
import { baseTier, mergedTier, reviewed, stepsTakenBack, tierOf, unmergedTier, upgraded } from './tiers.ts';
import { monthOf } from './time.ts';

/** One place where what is stored is not what the entries give. Null stands for nothing. */
export interface Difference {
  readonly memberId: MemberId;
  /** The entry; for a field of the account, the newest entry that there is. */
  readonly sequence: number;
  /** Dotted: of an entry, as `balance.after.available`, or of the account, as `lifetime.earned`. */
  readonly field: string;
  readonly stored: unknown;
  readonly computed: unknown;
}

/** How far one member has come. Plain data, so that a later request can go on with it. */
export interface MemberFold {
  /** What the entries so far add up to. */
  readonly account: Account;
  /** The balance after the newest entry as that entry says it. */
  readonly balance: Balance;
}

export interface Means {
  readonly sha256: Sha256;
  /** A version of the programme; undefined when there is none such. */
  readonly program: (version: number) => Program | undefined;
}

/** Of a long gap this many missing entries are named one by one. */
const missingMax = 100;

const nothing: Balance = { available: 0, pending: 0, held: 0, debt: 0 };

export function startFold(memberId: MemberId): MemberFold {
  return { account: emptyAccount(memberId), balance: nothing };
}

type Found = Pick<Difference, 'field' | 'stored' | 'computed'>;

/** A list of one when the two differ, else empty. */
function compared(field: string, stored: unknown, computed: unknown): Found[] {
  const [left, right] = [stored ?? null, computed ?? null];
  return canonicalJson(left) === canonicalJson(right) ? [] : [{ field, stored: left, computed: right }];
}

function missingEntries(account: Account, before: number): Difference[] {
  const count = Math.min(missingMax, before - account.version - 1);
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const sequence = account.version + 1 + index;
    return { memberId: account.memberId, sequence, field: 'sequence', stored: null, computed: sequence };
  });
}

/**
 * One more entry.
 * @param sequence the place at which it is stored, whatever it says itself; places only grow
 */
export function foldEntry(
  before: MemberFold,
  sequence: number,
  entry: Entry,
  means: Means,
): { fold: MemberFold; differences: Difference[] } {
  const { memberId } = before.account;
  const missing = missingEntries(before.account, sequence);
  const account = { ...before.account, version: sequence - 1 };
  const found = chainDifferences(account, sequence, entry, means.sha256);
  let after: MemberFold;
  try {
    found.push(...contentDifferences(account, before.balance, entry, means));
    after = {
      account: fold(account, { ...entry, memberId, sequence }, String(entry.hash)),
      balance: entry.balance.after,
    };
  } catch (error) {
    // What was edited so that nothing can be computed from it is itself what is different.
    found.push({ field: 'entry', stored: entry, computed: `It cannot be read: ${String(error)}` });
    after = { ...before, account: { ...account, version: sequence, head: String(entry.hash) } };
  }
  return {
    fold: after,
    differences: [...missing, ...found.map((one) => ({ memberId, sequence, ...one }))],
  };
}

function chainDifferences(account: Account, sequence: number, entry: Entry, sha256: Sha256): Found[] {
  const { hash, ...unhashed } = entry;
  return [
    ...compared('sequence', entry.sequence, sequence),
    ...compared('memberId', entry.memberId, account.memberId),
    ...compared('previousHash', entry.previousHash, account.head),
    ...compared('hash', hash, entryHash(unhashed, sha256)),
  ];
}

function contentDifferences(account: Account, balance: Balance, entry: Entry, means: Means): Found[] {
  const sum = entry.postings.reduce((total, one) => total + one.points, 0);
  return [
    ...compared('postings', sum, 0),
    // Nothing follows the entry that closed the account, and hardly anything a merge.
    ...(mayFollow(account, entry.type) ? [] : [{ field: 'type', stored: entry.type, computed: null }]),
    ...balanceDifferences(balance, entry),
    ...lotDifferences(account, entry),
    ...basisDifferences(entry),
    ...programDifferences(account, entry, means.program(entry.programVersion)),
  ];
}

/** Before is what the last entry left, after is that and the postings. */
function balanceDifferences(last: Balance, entry: Entry): Found[] {
  const { before, after } = entry.balance;
  const change = (account: LedgerAccount) => posted(entry, account);
  const moved: Balance = {
    available: before.available + change('member:available'),
    pending: before.pending + change('member:pending'),
    held: before.held + change('member:held'),
    debt: before.debt - change('member:debt'),
  };
  return (Object.keys(nothing) as (keyof Balance)[]).flatMap((part) => [
    ...compared(`balance.before.${part}`, before[part], last[part]),
    ...compared(`balance.after.${part}`, after[part], moved[part]),
  ]);
}

/** Lots are the postings' other side, and none gives more than it holds. */
function lotDifferences(account: Account, entry: Entry): Found[] {
  const changed = balanceOf({ lots: entry.lots, held: 0, debt: 0 });
  const same = (a: Lot, b: Lot) => a.availableAt === b.availableAt && a.expiresAt === b.expiresAt;
  const overdrawn = foldLots(account.lots, entry.lots).filter(
    (lot) => lot.points < 0 && entry.lots.some((one) => same(one, lot)),
  );
  return [
    ...compared('lots.available', changed.available, posted(entry, 'member:available')),
    ...compared('lots.pending', changed.pending, posted(entry, 'member:pending')),
    ...overdrawn.map((lot) => ({
      field: 'lots',
      stored: entry.lots.filter((one) => same(one, lot)),
      computed: account.lots.filter((one) => same(one, lot)),
    })),
  ];
}

/** What an entry says of a purchase's worth must follow from the basis it gives. */
function basisDifferences(entry: Entry): Found[] {
  const { basis } = entry;
  if (!basis) return entry.type === 'earned' ? [{ field: 'basis', stored: null, computed: 'needed' }] : [];
  const computed = priced(basis);
  return [
    ...compared('basis.points', basis.points, computed.points),
    ...compared('basis.qualifyingPoints', basis.qualifyingPoints, computed.qualifyingPoints),
    ...compared('basis.lines', basis.lines, computed.lines),
    ...(entry.type === 'earned'
      ? [
          ...compared('postings.programme:issued', posted(entry, 'programme:issued'), 0 - computed.points),
          ...compared('qualifying.points', entry.qualifying?.points ?? 0, computed.qualifyingPoints),
        ]
      : []),
  ];
}

/** What follows from the version of the programme that the entry names: tier, and when its points count. */
function programDifferences(account: Account, entry: Entry, program: Program | undefined): Found[] {
  if (!program) return [{ field: 'programVersion', stored: entry.programVersion, computed: null }];
  return [
    ...tierDifferences(account, entry, program),
    ...(entry.type === 'earned' && entry.basis ? termDifferences(account, entry, entry.basis, program) : []),
  ];
}

function termDifferences(
  account: Account,
  entry: Entry,
  basis: NonNullable<Entry['basis']>,
  program: Program,
): Found[] {
  const { id, multiplier } = tierOf(program, account.tier.id);
  const [lot] = entry.lots;
  const seller = { channel: basis.channel.id, channelKind: basis.channel.kind };
  const instants = lotInstants(program, seller, Date.parse(entry.occurredAt), Date.parse(entry.recordedAt));
  return [
    ...compared('basis.tier', basis.tier, { id, multiplier }),
    ...compared('basis.rate', basis.rate, ownValue(program.currencies, basis.currency)),
    ...compared(
      'basis.channel.multiplier',
      basis.channel.multiplier,
      ofSeller(program.channels, seller).multiplier,
    ),
    ...compared('basis.maxPoints', basis.maxPoints, program.maxPointsPerPurchase),
    ...(lot
      ? [
          ...compared('lots.availableAt', lot.availableAt, instants.availableAt),
          ...compared('lots.expiresAt', lot.expiresAt, instants.expiresAt),
        ]
      : []),
  ];
}

function tierDifferences(account: Account, entry: Entry, program: Program): Found[] {
  const computed = computedTiers(account, entry, program);
  const differences = computed.map((tier) => compared('tier', entry.tier, tier));
  return differences.some((one) => one.length === 0) ? [] : (differences[0] ?? []);
}

/** Around a border of months the calendars of the world show two: these are the first and the last to turn. */
const farZones = ['Pacific/Kiritimati', 'Etc/GMT+12'];

/**
 * The tiers that the entry may bring, undefined for no change: exactly one but for a clawback. That names the
 * programme its purchase was priced under, and is judged by thresholds that the steps carry themselves; all
 * that is not known of the programme then in force is its time zone. So where the month of the clawback hangs
 * on the zone, what follows from either month is right.
 */
function computedTiers(account: Account, entry: Entry, program: Program): (TierState | undefined)[] {
  const months: Record<string, number> = { ...account.qualifying };
  const { month = '', points = 0 } = entry.qualifying ?? {};
  const recordedAt = Date.parse(entry.recordedAt);
  switch (entry.type) {
    case 'enrolled':
      return [{ id: baseTier(program).id, validUntil: null, steps: [] }];
    case 'earned':
      months[month] = (months[month] ?? 0) + points;
      return [upgraded(program, account.tier, months, recordedAt)];
    case 'tier_reviewed':
      return [reviewed(program, account.tier, account.qualifying, Date.parse(account.tier.validUntil ?? ''))];
    case 'clawed_back':
      if (months[month] !== undefined) months[month] += points;
      return [program.timeZone, ...farZones].map((zone) =>
        stepsTakenBack(account.tier, months, monthOf(recordedAt, zone)),
      );
    case 'merged_out':
      return [{ id: baseTier(program).id, validUntil: null, steps: [] }];
    case 'merged_in':
    case 'unmerged_out':
    case 'unmerged_in':
      return [tierOfMerge(account, entry, program)];
    default:
      return [undefined];
  }
}

/** The tier behind a merge or its undoing, out of the one that the entry names and the points that come or go. */
function tierOfMerge(account: Account, entry: Entry, program: Program): TierState | undefined {
  const { merge, type } = entry;
  if (!merge) return undefined;
  const recordedAt = Date.parse(entry.recordedAt);
  const months: Record<string, number> = { ...account.qualifying };
  for (const { month, points } of merge.qualifying)
    if (type !== 'unmerged_out' || months[month] !== undefined) months[month] = (months[month] ?? 0) + points;
  return type === 'merged_in'
    ? mergedTier(program, account.tier, merge.tier, months, recordedAt)
    : unmergedTier(program, merge.tier, months, recordedAt);
}

/** The end: the stored account, field by field as far as it follows from entries, against the fold of all of them. */
export function compareAccount(folded: MemberFold, stored: Account | undefined): Difference[] {
  const { account } = folded;
  const at = { memberId: account.memberId, sequence: account.version };
  if (!stored) return [{ ...at, field: 'account', stored: null, computed: account }];
  const { purchases, freePlaces, ...rest } = account;
  // In an account of before nobody has counted yet.
  const computed = stored.purchases === undefined ? rest : account;
  const found = fieldDifferences('', { ...withoutListeners(stored) }, { ...computed });
  return [...missingEntries(account, stored.version + 1), ...found.map((one) => ({ ...at, ...one }))];
}

/** Fields one by one, and those of the records in them; lists are compared whole. */
function fieldDifferences(
  path: string,
  stored: Readonly<Record<string, unknown>>,
  computed: Readonly<Record<string, unknown>>,
): Found[] {
  const names = [...new Set([...Object.keys(computed), ...Object.keys(stored)])];
  return names.flatMap((name) => {
    const [left, right] = [ownValue(stored, name), ownValue(computed, name)];
    return isRecord(left) && isRecord(right)
      ? fieldDifferences(`${path}${name}.`, left, right)
      : compared(path + name, left, right);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
