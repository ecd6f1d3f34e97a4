/**
 * Everything that is held on a member beside profile and account, walked through in phases. A walk stops when it is
 * told to and goes on behind where it stopped; at least one step is made by each call, so whoever goes on ends.
 */
import { type Entry, idsOf, isTheirs } from '../../core/account.ts';
import type { MemberId, PurchaseId, RedemptionId, RefundId } from '../../core/contract/ids.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import {
  contactPartitions,
  placePartitions,
  placesOfMember,
  unplacedPartitions,
} from '../operators/exception-places.ts';
import { getException } from '../operators/exceptions.ts';
import { getPurchase, getRefund } from '../purchases/decision.ts';
import { getRedemption } from '../spending/redemptions.ts';
import type { LedgerContext } from '../store/context.ts';
import {
  entryPrefix,
  fromItem,
  keys,
  type RedemptionRecord,
  type Referral,
  type RefundRecord,
  type Voucher,
  voucherPrefix,
} from '../store/items.ts';
import { withoutContacts } from './contacts.ts';
import { contactHashes, type Member, mergedInto } from './members.ts';
import { broughtBy } from './referrals.ts';

/** One thing that is held. */
export type Held =
  | { readonly section: 'referrals'; readonly item: Referral }
  | { readonly section: 'vouchers'; readonly item: Voucher }
  | { readonly section: 'exceptions'; readonly item: ExceptionAnswer }
  | { readonly section: 'entries'; readonly item: Entry }
  | { readonly section: 'redemptions'; readonly item: RedemptionRecord }
  | { readonly section: 'purchases'; readonly item: PurchaseRecord }
  | { readonly section: 'refunds'; readonly item: RefundRecord };

/** Purchases come last: they are what there may be much of. */
const phases = { referrals, vouchers, exceptions, entries, redemptions, purchases } as const;
export type ExportPhase = keyof typeof phases;
export const exportPhases = Object.keys(phases) as ExportPhase[];

/** Where a walk goes on: in a phase, behind a place in it. Plain data. */
export interface ExportPosition {
  readonly phase: ExportPhase;
  readonly after: string;
}

/** A place in a phase, and what was found there: perhaps nothing. */
interface Step {
  readonly at: string;
  readonly found: readonly Held[];
}

type Phase = (context: LedgerContext, member: Member, after: string | undefined) => AsyncGenerator<Step>;

/**
 * Walks through some phases, from a position if one is given.
 * @param take is given what is found, and says whether there is room and time for more
 * @returns where to go on; null behind the end
 */
export async function walkExport(
  context: LedgerContext,
  member: Member,
  wanted: readonly ExportPhase[],
  from: ExportPosition | undefined,
  take: (found: readonly Held[]) => boolean,
): Promise<ExportPosition | null> {
  for (const phase of from ? wanted.slice(wanted.indexOf(from.phase)) : wanted) {
    const walk: Phase = phases[phase];
    const begun = from?.phase === phase ? from.after : undefined;
    for await (const { at, found } of walk(context, member, begun))
      if (!take(found)) return { phase, after: at };
  }
  return null;
}

const pageSize = 25;

/** The pages of a partition behind a sort key. */
async function* pagesOf(context: LedgerContext, pk: string, prefix: string, from: string | undefined) {
  for (let after = from; ; ) {
    const page = await context.store.query(pk, {
      prefix,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    yield page;
    after = page.at(-1)?.sk;
    if (page.length < pageSize) return;
  }
}

/**
 * Where the walks through a member's own partition go on: in theirs, then in that of each who was merged into them,
 * whose places begin with the id.
 */
function partitionsFrom({ account }: Member, after: string | undefined) {
  const [, begunId = account.memberId, begunAt = after] = /^(mem_\w+) (.*)$/.exec(after ?? '') ?? [];
  const ids = idsOf(account);
  const begun = Math.max(0, ids.indexOf(begunId as MemberId));
  return ids.slice(begun).map((memberId, index) => ({
    memberId,
    from: index === 0 ? begunAt : undefined,
    placeOf: (at: string) => (memberId === account.memberId ? at : `${memberId} ${at}`),
  }));
}

async function* referrals(context: LedgerContext, member: Member, after?: string): AsyncGenerator<Step> {
  for (const { memberId, from, placeOf } of partitionsFrom(member, after))
    for await (const { newcomerId, referral } of broughtBy(context, memberId, from))
      yield { at: placeOf(newcomerId), found: referral ? [{ section: 'referrals', item: referral }] : [] };
}

async function* vouchers(context: LedgerContext, member: Member, after?: string): AsyncGenerator<Step> {
  for (const { memberId, from, placeOf } of partitionsFrom(member, after))
    for await (const page of pagesOf(context, keys.account(memberId).pk, voucherPrefix, from))
      for (const item of page)
        yield { at: placeOf(item.sk), found: [{ section: 'vouchers', item: fromItem(item, 'voucher') }] };
}

async function* entryPages(context: LedgerContext, member: Member, after?: string) {
  for (const { memberId, from, placeOf } of partitionsFrom(member, after))
    for await (const page of pagesOf(context, keys.account(memberId).pk, entryPrefix, from))
      yield page.map((item) => ({ at: placeOf(item.sk), entry: fromItem(item, 'entry') }));
}

async function* entries(context: LedgerContext, member: Member, after?: string): AsyncGenerator<Step> {
  for await (const page of entryPages(context, member, after))
    for (const { at, entry } of page) yield { at, found: [{ section: 'entries', item: entry }] };
}

/** Each redemption has one entry that began it. */
async function* redemptions(context: LedgerContext, member: Member, after?: string): AsyncGenerator<Step> {
  for await (const page of entryPages(context, member, after)) yield* ofEntries(page, foundRedemption);

  async function foundRedemption({ type, cause }: Entry): Promise<Held[]> {
    if (type !== 'held' && type !== 'redeemed') return [];
    const item = await getRedemption(context, cause.id as RedemptionId);
    return item ? [{ section: 'redemptions', item }] : [];
  }
}

/** Each purchase has one entry that earned, and knows its refunds. */
async function* purchases(context: LedgerContext, member: Member, after?: string): AsyncGenerator<Step> {
  for await (const page of entryPages(context, member, after)) yield* ofEntries(page, foundPurchase);

  async function foundPurchase({ type, cause }: Entry): Promise<Held[]> {
    const item = type === 'earned' ? await getPurchase(context, cause.id as PurchaseId) : undefined;
    if (!item) return [];
    const refunds = await Promise.all(
      item.refundIds.map(async (id) => {
        const refund = await getRefund(context, id);
        const own = refund && (await purchaseWith(context, member, refund, item));
        return own === item.purchase.id ? refund : undefined;
      }),
    );
    return [{ section: 'purchases', item }, ...refunds.flatMap(heldRefund)];
  }
}

/** What the entries of a page lead to, read at once. */
async function* ofEntries(
  page: readonly { readonly at: string; readonly entry: Entry }[],
  find: (entry: Entry) => Promise<Held[]>,
): AsyncGenerator<Step> {
  const found = await Promise.all(page.map(({ entry }) => find(entry)));
  for (const [index, { at }] of page.entries()) yield { at, found: found[index] ?? [] };
}

/**
 * The purchase that a refund is exported with: the first of the member's own that it was applied to, of those that a
 * return without receipt was matched to; undefined where it is none's.
 * @param known one that was read
 */
async function purchaseWith(
  context: LedgerContext,
  { account }: Member,
  { refundId, purchaseIds }: RefundRecord,
  known?: PurchaseRecord,
): Promise<PurchaseId | undefined> {
  for (const id of purchaseIds) {
    const purchase = known?.purchase.id === id ? known : await getPurchase(context, id);
    if (!purchase?.memberId || !isTheirs(account, purchase.memberId)) continue;
    if (purchase.refundIds.includes(refundId)) return purchase.purchase.id;
  }
  return undefined;
}

function heldRefund(item: RefundRecord | undefined): Held[] {
  return item ? [{ section: 'refunds', item }] : [];
}

// Exceptions are found by their places --------------------------------------------------------------------------------

/** Where exceptions are looked for: in which partition, and what its items are. */
interface Source {
  readonly pk: string;
  readonly prefix: string;
  /** Whether its items are the exceptions themselves, as long as older ones are without places. */
  readonly isUnplaced?: true;
}

/** The hashes of what names the person, by whichever of their ids. */
async function hashesOf(context: LedgerContext, { account, profile }: Member): Promise<Set<string>> {
  const merged = await mergedInto(context, account);
  const profiles = [profile, ...merged.map((one) => one.profile)];
  return new Set(profiles.flatMap((one) => contactHashes(context, one)));
}

async function sourcesOf(
  context: LedgerContext,
  { account }: Member,
  hashes: ReadonlySet<string>,
): Promise<Source[]> {
  const own = idsOf(account).map(placesOfMember);
  const ofContacts = contactPartitions(hashes);
  const unplaced = await unplacedPartitions(context);
  return [
    ...own.map(({ pk, sk }): Source => ({ pk, prefix: sk })),
    ...ofContacts.map((contact): Source => ({ pk: contact, prefix: '' })),
    ...unplaced.map((partition): Source => ({ pk: partition, prefix: '', isUnplaced: true })),
  ];
}

/** Of all the sources under which an exception is found the one that it is exported from. */
function sourceOf(
  context: LedgerContext,
  exception: ExceptionAnswer,
  sources: readonly Source[],
): Source | undefined {
  const { exceptionId, status } = exception;
  const own = keys.exception(exceptionId, status).pk;
  const places = new Set(placePartitions(context, exception));
  return (
    sources.find(({ pk, isUnplaced }) => isUnplaced && pk === own) ?? sources.find(({ pk }) => places.has(pk))
  );
}

/** Those about the member, and those that name them as a channel did that did not find them; each once. */
async function* exceptions(context: LedgerContext, member: Member, after?: string): AsyncGenerator<Step> {
  const [begunPk = '', begunSk] = after?.split(' ') ?? [];
  const hashes = await hashesOf(context, member);
  const sources = await sourcesOf(context, member, hashes);
  const begun = Math.max(
    0,
    sources.findIndex(({ pk }) => pk === begunPk),
  );
  for (const source of sources.slice(begun))
    for await (const page of pagesOf(
      context,
      source.pk,
      source.prefix,
      source.pk === begunPk ? begunSk : undefined,
    )) {
      const found = await Promise.all(
        page.map(async (item) => {
          const exception = source.isUnplaced
            ? fromItem(item, 'exception')
            : await getException(context, fromItem(item, 'exceptionPlace').exceptionId);
          if (!exception || sourceOf(context, exception, sources) !== source) return [];
          return foundException(context, member, exception, hashes);
        }),
      );
      for (const [index, { sk }] of page.entries())
        yield { at: `${source.pk} ${sk}`, found: found[index] ?? [] };
    }
}

async function foundException(
  context: LedgerContext,
  member: Member,
  exception: ExceptionAnswer,
  hashes: ReadonlySet<string>,
): Promise<Held[]> {
  const names = withoutContacts(context, exception.data, hashes) !== exception.data;
  const isOwn = exception.memberId !== null && isTheirs(member.account, exception.memberId);
  if (!isOwn && !names) return [];
  const [purchase, refund] = await Promise.all([
    getPurchase(context, exception.subject as PurchaseId),
    getRefund(context, exception.subject as RefundId),
  ]);
  const isWithPurchase = refund && (await purchaseWith(context, member, refund)) !== undefined;
  return [
    { section: 'exceptions', item: exception },
    // The member's own purchases have their phase; what nobody has claimed and names the member has this place only.
    ...(purchase && purchase.memberId === null && names && exception.type === 'purchase_unclaimed'
      ? [{ section: 'purchases' as const, item: purchase }]
      : []),
    ...heldRefund(isWithPurchase ? undefined : refund),
  ];
}
