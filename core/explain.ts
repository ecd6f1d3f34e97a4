/**
 * An entry told so that an operator can recompute it by hand and a marketing person can follow it: what went
 * in, each step in its order, and what came out. Everything is taken from the entry and what it names; nothing
 * is looked up in today's rules.
 */
import { type Account, type EarningBasis, type Entry, type LedgerAccount, posted } from './account.ts';
import { isYearly } from './bonuses.ts';
import { considered } from './considered.ts';
import { busSources, ledgerSource } from './contract/events.ts';
import { type ChannelId, type ChannelKind, channelOf, type PurchaseId } from './contract/ids.ts';
import type { Explanation, ExplanationStep } from './contract/shapes/entry.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import { type Exclusions, exclusionsOf } from './exclusions.ts';
import { pricingSteps, roundingOf, tierName, wholePoints } from './pricing-steps.ts';
import type { Program } from './program.ts';
import { speak } from './program-texts.ts';
import { type AppliedStamp, defaultStampsMax, type StampCount } from './stamps.ts';
import { windowPoints } from './tiers.ts';
import { addMonths, beginText, endText, monthOf } from './time.ts';

/** What an entry names, as far as it is kept. */
export interface Named {
  /** The version of the programme that the entry names. */
  readonly program: Program | undefined;
  /** The account that the entry was written on; needed only where the entry changed the tier or a campaign lists members. */
  readonly before: Account | undefined;
  /** When the member joined; not known of an entry that nothing was looked up for. */
  readonly since?: string | undefined;
  /** The purchase that earned, or that was refunded. */
  readonly purchase: RecordedPurchase | undefined;
  /** What a channel is; undefined of one that there is not. */
  readonly kindOf: (channel: ChannelId) => ChannelKind | undefined;
  /** Whether the lines may be shown with what they sold, or only their amounts. */
  readonly detailed: boolean;
}

export function explain(entry: Entry, named: Named): Explanation {
  const { entryId, memberId, sequence, type, programVersion, cause, occurredAt, recordedAt } = entry;
  return {
    entryId,
    memberId,
    sequence,
    type,
    summary: summaryOf(entry, named.program),
    programVersion,
    cause: { ...cause },
    occurredAt,
    recordedAt,
    sourceEvent: sourceEvent(entry, named),
    inputs: entry.basis ? inputsOf(entry.basis, named) : null,
    steps: stepsOf(entry, named),
    rounding: entry.basis ? roundingOf(entry.basis) : null,
    campaigns: campaignsOf(entry, named),
    points: movedPoints(entry),
    lots: entry.lots.map((lot) => ({ ...lot })),
    tier: tierChange(entry, named),
    stamps: stampsOf(entry, named.program),
    vouchers: issuedOf(entry, named.program),
    balance: entry.balance,
  };
}

/** A refund asks no condition again; what it leaves of campaigns is in its steps. */
function campaignsOf({ type, basis, memberId }: Entry, named: Named): Explanation['campaigns'] {
  const { program, purchase, since, before } = named;
  if (type !== 'earned' || !basis || !program || !purchase) return [];
  const member = {
    memberId,
    merged: before?.merged ?? [],
    tier: basis.tier.id,
    since: since ?? '',
    ...basis.facts,
  };
  return considered({ program, purchase, basis, member });
}

/** Of one that was taken and came back only its cause says which it is. */
function bonusName({ bonus, cause }: Entry): string {
  return bonus ?? (cause.type === 'enrolment' ? 'welcome' : cause.type);
}

function movedPoints(entry: Entry): number {
  return posted(entry, 'member:available') + posted(entry, 'member:pending');
}

function adjustedPoints(entry: Entry): number {
  return -posted(entry, 'programme:issued') - posted(entry, 'programme:clawed_back');
}

function summaryOf(entry: Entry, program: Program | undefined): string {
  const { id } = entry.cause;
  const timeZone = program?.timeZone ?? 'UTC';
  switch (entry.type) {
    case 'enrolled':
      return 'The member joined.';
    case 'profile_changed':
      return 'The name or language on the card changed; no points moved.';
    case 'expiry_noticed':
      return `${entry.notice?.points ?? 0} points lapse ${endText(entry.notice?.at ?? entry.occurredAt, timeZone)}: the member was told a month before.`;
    case 'bonus_taken_back':
      if (entry.cause.type !== 'referral')
        return `What one person is given once was given twice: ${takenBackText(entry)} went back.`;
      return `The referral's purchase was given back: ${posted(entry, 'programme:clawed_back')} points went with it.`;
    case 'bonus':
      return `The ${bonusName(entry)} bonus gave ${givenText(entry, program)}.`;
    case 'earned':
      return `The purchase ${id} earned ${-posted(entry, 'programme:issued')} points.`;
    case 'clawed_back': {
      const taken = posted(entry, 'programme:clawed_back');
      return taken > 0
        ? `The refund ${id} took ${taken} points back.`
        : `The refund ${id} took no points: what remains of the purchase is worth as many as before.`;
    }
    case 'activated':
      return `${-posted(entry, 'member:pending')} pending points could be spent from ${beginText(entry.occurredAt, timeZone)} on.`;
    case 'expired':
      return `${posted(entry, 'programme:expired')} points lapsed ${endText(entry.occurredAt, timeZone)}.`;
    case 'held':
      return `${posted(entry, 'member:held')} points were set aside for the redemption ${id}.`;
    case 'captured':
    case 'redeemed':
      return `The redemption ${id} spent ${posted(entry, 'programme:redeemed')} points${broughtText(entry, program)}.`;
    case 'released':
      return `The redemption ${id} was cancelled: its ${-posted(entry, 'member:held')} points are back.`;
    case 'holds_expired':
      return `Nobody captured ${entry.holds?.ended?.join(', ') ?? ''} in time: ${-posted(entry, 'member:held')} points are back.`;
    case 'redemption_cancelled':
      return `The redemption ${id} was undone: its ${-posted(entry, 'programme:redeemed')} points are back.`;
    case 'voucher_issued':
      return `The voucher ${id} was issued.`;
    case 'voucher_used':
      return `The voucher ${id} was used.`;
    case 'voucher_returned':
      return `The voucher ${id} can be used again: its order was given back.`;
    case 'voucher_revoked':
      return `The voucher ${id} was revoked.`;
    case 'adjusted':
      return `An operator ${adjustedPoints(entry) < 0 ? 'took' : 'gave'} ${Math.abs(adjustedPoints(entry))} points.`;
    case 'merged_out':
      return `The member was merged into ${id}: ${posted(entry, 'programme:transferred')} points went there.`;
    case 'merged_in':
      return `${id} was merged into this member: ${-posted(entry, 'programme:transferred')} points came with it.`;
    case 'unmerged_out':
      return `The merge of ${id} was undone: ${posted(entry, 'programme:transferred')} points went back.`;
    case 'unmerged_in':
      return `The merge into ${id} was undone: ${-posted(entry, 'programme:transferred')} points came back.`;
    case 'erased':
      return `The member left: ${posted(entry, 'programme:erased')} points were closed.`;
    case 'tier_reviewed':
      return `The tier's term ended ${endText(entry.occurredAt, timeZone)}, and the last twelve months decided afresh.`;
  }
}

/** What a bonus gave: points, vouchers, or both. */
function givenText(entry: Entry, program: Program | undefined): string {
  const points = -posted(entry, 'programme:issued');
  const vouchers = vouchersText(issuedOf(entry, program));
  if (vouchers === undefined) return `${points} points`;
  return points > 0 ? `${points} points and ${vouchers}` : vouchers;
}

/** What went back of a bonus that was given twice. */
function takenBackText({ vouchers, ...entry }: Entry): string {
  const points = `${posted(entry, 'programme:clawed_back')} points`;
  const { length } = vouchers?.revoked ?? [];
  return length === 0 ? points : `${points} and ${length === 1 ? 'a voucher' : `${length} vouchers`}`;
}

/** What a redemption brought: nothing is said of one on a purchase, or of a donation. */
function broughtText(entry: Entry, program: Program | undefined): string {
  const vouchers = vouchersText(issuedOf(entry, program));
  return vouchers === undefined ? '' : ` for ${vouchers}`;
}

/** `a voucher for A coffee on us`, `vouchers for A coffee on us and A cake`; undefined for none. */
function vouchersText(issued: Explanation['vouchers']): string | undefined {
  const names = issued.map(({ name }) => name);
  const last = names.pop();
  if (last === undefined) return undefined;
  return names.length === 0 ? `a voucher for ${last}` : `vouchers for ${names.join(', ')} and ${last}`;
}

/** The vouchers of an entry, those of full stamp cards, too. */
function issuedOf({ vouchers, stamps }: Entry, program: Program | undefined): Explanation['vouchers'] {
  return [...(stamps?.issued ?? []), ...(vouchers?.issued ?? [])].map(({ voucherId, rewardId }) => {
    const reward = program?.rewards.find(({ id }) => id === rewardId);
    return { voucherId, rewardId, name: program && reward ? speak(program)(reward.name) : rewardId };
  });
}

function sourceEvent({ cause }: Entry, named: Named): Explanation['sourceEvent'] {
  if (isYearly(cause.type)) return { via: 'clock', source: null, detailType: null, id: cause.id };
  switch (cause.type) {
    case 'purchase':
    case 'refund': {
      const kind = named.kindOf(channelOf(cause.id as PurchaseId));
      return {
        via: 'bus',
        source: kind === undefined ? null : busSources[kind],
        detailType: cause.type === 'purchase' ? 'PurchaseRecorded' : 'PurchaseRefunded',
        id: cause.id,
      };
    }
    case 'enrolment':
    case 'profile':
      return { via: 'api', source: null, detailType: null, id: cause.id };
    case 'referral':
      return { via: 'bus', source: ledgerSource, detailType: 'PointsPosted', id: cause.id };
    case 'redemption':
    case 'voucher':
    case 'adjustment':
    case 'merge':
    case 'erasure':
      return { via: 'api', source: null, detailType: null, id: cause.id };
    case 'schedule':
      return { via: 'clock', source: null, detailType: null, id: cause.id };
  }
}

// What went in ------------------------------------------------------------------------------------------------

function inputsOf(basis: EarningBasis, { purchase, program, detailed }: Named): Explanation['inputs'] {
  const earning = new Map(basis.lines.map((line) => [line.id, line]));
  const sold = purchase?.lines ?? basis.lines;
  const exclusions = program && exclusionsOf(program);
  const lines = sold.map((line) => {
    const eligible = earning.get(line.id);
    const amountMinor = eligible?.amountMinor ?? line.amountMinor;
    if (!detailed) return { amountMinor, eligible: eligible !== undefined };
    return { amountMinor, eligible: eligible !== undefined, ...lineDetails(line, exclusions) };
  });
  return {
    currency: basis.currency,
    totalMinor: basis.totalMinor,
    shippingMinor: purchase?.shippingMinor ?? null,
    orderRefundMinor: basis.orderRefundMinor ?? 0,
    lines,
  };
}

/** What a line sold; a line that only the entry knows has no more than its id. */
function lineDetails(
  line: { readonly id: string } | RecordedPurchase['lines'][number],
  exclusions: Exclusions | undefined,
) {
  if (!('sku' in line)) return { id: line.id };
  const { id, sku, name, category, quantity } = line;
  const reason = exclusions?.reason(line);
  return {
    id,
    sku,
    quantity,
    ...(name === undefined ? {} : { name }),
    ...(category === undefined ? {} : { category }),
    ...(reason === undefined ? {} : { reason }),
  };
}

// Step by step ------------------------------------------------------------------------------------------------

function stepsOf(entry: Entry, { program, before }: Named): ExplanationStep[] {
  const moved = (label: string, account: LedgerAccount, sign: 1 | -1 = 1) => {
    const value = posted(entry, account) * sign;
    return value > 0 ? [wholePoints(label, value)] : [];
  };
  switch (entry.type) {
    case 'enrolled':
    case 'profile_changed':
    case 'voucher_issued':
    case 'voucher_used':
    case 'voucher_returned':
    case 'voucher_revoked':
      return [];
    case 'held':
      return moved('Set aside, from the lots that lapse soonest', 'member:held');
    case 'captured':
    case 'redeemed':
      return moved('Spent', 'programme:redeemed');
    case 'released':
    case 'holds_expired':
      return [
        ...moved('No longer set aside', 'member:held', -1),
        ...moved('Of that, repaid on a debt', 'member:debt'),
      ];
    case 'redemption_cancelled':
      return [
        ...moved('No longer spent', 'programme:redeemed', -1),
        ...moved('Of that, repaid on a debt', 'member:debt'),
      ];
    case 'adjusted':
      return [
        ...moved('Given by an operator', 'programme:issued', -1),
        ...moved('Of that, repaid on a debt', 'member:debt'),
        ...moved('Taken by an operator', 'programme:clawed_back'),
      ];
    case 'merged_out':
    case 'merged_in':
    case 'unmerged_out':
    case 'unmerged_in':
      return mergeSteps(entry);
    case 'erased':
      return [
        ...moved('Closed with the membership', 'programme:erased'),
        ...moved('Of what was owed, forgiven', 'member:debt'),
      ];
    case 'expiry_noticed':
      return entry.notice ? [wholePoints('Points that lapse in a month', entry.notice.points)] : [];
    case 'bonus':
      return [
        ...moved(`The programme's ${bonusName(entry)} bonus`, 'programme:issued', -1),
        ...moved('Of that, repaid on a debt', 'member:debt'),
      ];
    case 'earned':
      return [
        ...(entry.basis ? pricingSteps(entry.basis, program) : []),
        ...moved('Of that, repaid on a debt', 'member:debt'),
      ];
    case 'clawed_back': {
      const taken = posted(entry, 'programme:clawed_back');
      return [
        ...(entry.basis ? pricingSteps(entry.basis, program) : []),
        wholePoints('What the purchase was worth before', (entry.basis?.points ?? 0) + taken),
        wholePoints('The difference, taken back', taken),
        ...moved('Of that, owed as a debt', 'member:debt', -1),
        ...moved('Of that, forgiven', 'programme:forgiven', -1),
      ];
    }
    case 'bonus_taken_back':
      return [
        ...moved(
          `The ${entry.cause.type === 'referral' ? 'referral ' : ''}bonus, taken back`,
          'programme:clawed_back',
        ),
        ...moved('Of that, owed as a debt', 'member:debt', -1),
        ...moved('Of that, forgiven', 'programme:forgiven', -1),
      ];
    case 'activated':
      return [
        ...moved('Pending points whose day had come', 'member:pending', -1),
        ...moved('Of that, repaid on a debt', 'member:debt'),
      ];
    case 'expired':
      return moved('Points that were not spent in their time', 'programme:expired');
    case 'tier_reviewed':
      return before && program
        ? [
            wholePoints(
              'Qualifying points in the twelve months that count',
              qualifyingAfter(entry, before, program),
            ),
          ]
        : [];
  }
}

/** What comes of a merge, or goes: what can be spent, what is pending or set aside, and what is owed. */
function mergeSteps(entry: Entry): ExplanationStep[] {
  const isComing = entry.type === 'merged_in' || entry.type === 'unmerged_in';
  const said = (label: string, points: number) => (points > 0 ? [wholePoints(label, points)] : []);
  const sign = isComing ? 1 : -1;
  const verb = isComing ? 'come' : 'go';
  return [
    ...said(`Points that can be spent ${verb}`, sign * posted(entry, 'member:available')),
    ...said(`Pending points ${verb}`, sign * posted(entry, 'member:pending')),
    ...said(`Points set aside ${verb}`, sign * posted(entry, 'member:held')),
    ...said(`A debt ${isComing ? 'comes' : 'goes'}`, -sign * posted(entry, 'member:debt')),
    ...said('Of one side’s points, repaid on the debt of the other', sumOf(entry.merge?.repaid ?? [])),
    ...said('Qualifying points', sumOf(entry.merge?.qualifying ?? [], sign)),
  ];
}

function sumOf(all: readonly { readonly points: number }[], sign = 1): number {
  return all.reduce((sum, { points }) => sum + sign * points, 0);
}

// Tiers and names ----------------------------------------------------------------------------------------------

function qualifyingAfter(entry: Entry, before: Account, program: Program): number {
  const at = entry.type === 'tier_reviewed' ? entry.occurredAt : entry.recordedAt;
  const month = monthOf(Date.parse(at), program.timeZone);
  const own = entry.qualifying;
  const counts = own && own.month <= month && own.month >= addMonths(month, -11);
  return windowPoints(before.qualifying, month) + (counts ? own.points : 0);
}

function tierChange(entry: Entry, { program, before }: Named): Explanation['tier'] {
  const { tier } = entry;
  if (!tier) return null;
  return {
    before: before?.tier.id ? tierName(before.tier.id, program) : null,
    after: tierName(tier.id, program),
    validUntil: tier.validUntil,
    qualifyingPoints: before && program ? qualifyingAfter(entry, before, program) : null,
  };
}

function stampsOf({ type, stamps, basis }: Entry, program: Program | undefined): Explanation['stamps'] {
  const changed = new Map((stamps?.stamps ?? []).map(({ id, count }) => [id, count]));
  const kept = new Map((type === 'earned' ? (basis?.stampCards ?? []) : []).flatMap(keptBack(stamps)));
  return [...new Set([...changed.keys(), ...kept.keys()])].map((id) => {
    const card = program?.stamps.find((one) => one.id === id);
    const notGiven = kept.get(id);
    return {
      id,
      name: program && card ? speak(program)(card.name) : id,
      count: changed.get(id) ?? 0,
      ...(notGiven ? { notGiven: { count: notGiven.count, reason: boundReason(notGiven, card) } } : {}),
    };
  });
}

/** Stamps of a card that a purchase's units would have been, and what it was left by its day where that was less. */
interface NotGiven {
  readonly count: number;
  readonly max: number;
  readonly left?: number;
}

function keptBack(stamps: Entry['stamps']) {
  const { counts = [], brought = [] } = stamps?.given ?? {};
  return ({ id, max = 0, over = 0 }: AppliedStamp): [string, NotGiven][] => {
    const left = countIn(counts, id);
    const byDay = brought.length > 0 ? countIn(brought, id) - left : 0;
    if (over + byDay === 0) return [];
    return [[id, { count: over + byDay, max, ...(byDay > 0 ? { left } : {}) }]];
  };
}

const countIn = (counts: readonly StampCount[], id: string) =>
  counts.find((one) => one.id === id)?.count ?? 0;

/** Which bound of a card it was that a purchase met. */
function boundReason({ max, left }: NotGiven, card: Program['stamps'][number] | undefined): string {
  const { perPurchase = defaultStampsMax, perDay = defaultStampsMax } = card ?? {};
  return left === undefined && max === perPurchase
    ? `One purchase gives at most ${perPurchase} stamps of this card.`
    : `One day gives at most ${perDay} stamps of this card, and ${left ?? max} of them were left.`;
}
