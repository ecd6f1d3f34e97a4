/** Vouchers as the ledger keeps them: one item each, and a look-up by the keyed hash of its code. */
import { type Account, type Entry, idsOf } from '../../core/account.ts';
import type { EntryId, MemberId, RedemptionId, VoucherId } from '../../core/contract/ids.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import { type IssuedVoucher, makeVoucherCode, readVoucherCode } from '../../core/vouchers.ts';
import { currentAccount, getOpenAccount } from '../members/members.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys, toItem, type Voucher, voucherPrefix } from '../store/items.ts';
import { absent, asRead, scanPartition, type Write } from '../store/store.ts';

/** Whose vouchers: those of whoever was merged into a member are the member's, too. */
export type Owner = Pick<Account, 'memberId' | 'merged'>;

/** A voucher that stamps have paid for. */
export type OfStamps = Voucher & { readonly stampId: string };

/**
 * The vouchers that sealed entries issue and revoke, and the writes that do.
 * @param more the unused vouchers that may be revoked, and the redemption that pays for those that points buy
 * @returns with the vouchers that points or nobody paid for
 */
export function voucherWrites(
  context: LedgerContext,
  entries: readonly Entry[],
  {
    unused = [],
    redemptionId,
  }: { readonly unused?: readonly Voucher[]; readonly redemptionId?: RedemptionId },
): { vouchers: Voucher[]; writes: Write[] } {
  const revoked = new Map(
    entries.flatMap(({ stamps, vouchers, entryId }) =>
      [...(stamps?.revoked ?? []), ...(vouchers?.revoked ?? [])].map((id) => [id, entryId] as const),
    ),
  );
  const ofStamps = entries.flatMap((entry) => issuedByStamps(context, entry));
  const vouchers = entries.flatMap((entry) =>
    (entry.vouchers?.issued ?? []).map((issued) => ({
      ...newVoucher(context, entry, issued),
      redemptionId: redemptionId ?? null,
    })),
  );
  const known = unused.flatMap((voucher): Write[] => {
    const by = revoked.get(voucher.voucherId);
    // Refused when somebody used the voucher in the meantime: then the decision is made again without it.
    return by === undefined ? [] : [changeVoucher(voucher, revoke(voucher, by))];
  });
  return {
    vouchers,
    writes: [
      ...[...ofStamps, ...vouchers].flatMap((one) => issueWrites(context, one, revoked.get(one.voucherId))),
      ...known,
    ],
  };
}

function issuedByStamps(context: LedgerContext, entry: Entry): Voucher[] {
  return (entry.stamps?.issued ?? []).map((voucher) => ({
    ...newVoucher(context, entry, { ...voucher, usesMax: 1 }),
    stampId: voucher.stampId,
    stamps: voucher.stamps,
  }));
}

function newVoucher(context: LedgerContext, entry: Entry, issued: IssuedVoucher): Voucher {
  const { memberId, entryId, recordedAt } = entry;
  const { voucherId, rewardId, expiresAt, usesMax } = issued;
  return {
    voucherId,
    memberId,
    rewardId,
    revision: 1,
    programVersion: issued.programVersion ?? entry.programVersion,
    stampId: null,
    stamps: 0,
    redemptionId: null,
    code: makeVoucherCode(context.randomInteger),
    status: 'issued',
    uses: 0,
    usesMax,
    issuedAt: recordedAt,
    expiresAt,
    entryId,
  };
}

/** Changes a voucher that nobody else has changed since it was read. */
export function changeVoucher(before: Voucher, after: Omit<Voucher, 'revision'>): Write {
  return {
    put: toItem(keys.voucher(before.memberId, before.voucherId), 'voucher', {
      ...after,
      revision: before.revision + 1,
    }),
    if: asRead(before),
  };
}

/** A voucher that is revoked by the very transaction that issues it gets no code to be found by. */
function issueWrites(context: LedgerContext, voucher: Voucher, revokedBy: EntryId | undefined): Write[] {
  const { memberId, voucherId, code } = voucher;
  const key = keys.voucher(memberId, voucherId);
  if (revokedBy !== undefined || code === null)
    return [{ put: toItem(key, 'voucher', revoke(voucher, revokedBy ?? voucher.entryId)), if: absent }];
  const hash = context.keyed('lookup voucher', code);
  return [
    { put: toItem(key, 'voucher', voucher), if: absent },
    { put: toItem(keys.voucherCode(hash), 'voucherCode', { memberId, voucherId }), if: absent },
  ];
}

/** The code is nobody's any more, so it is not kept; its look-up stays and leads to the revoked voucher. */
export function revoke(voucher: Voucher, entryId: EntryId): Voucher {
  return { ...voucher, code: null, status: 'revoked', entryId };
}

/**
 * The writes that make the vouchers of a member who has left nobody's: each without its code, by which the look-up
 * goes too, and of no use any more. `entryId` is the member's last.
 */
export async function* forgetVouchers(
  context: LedgerContext,
  memberId: MemberId,
  entryId: EntryId,
): AsyncGenerator<Write[]> {
  const list = keys.usableVouchers(memberId);
  if (await context.store.get(list)) yield [{ delete: list }];
  for await (const item of scanPartition(context.store, keys.account(memberId).pk, voucherPrefix)) {
    const voucher = fromItem(item, 'voucher');
    const { code } = voucher;
    if (code === null) continue;
    const after = voucher.status === 'issued' ? revoke(voucher, entryId) : { ...voucher, code: null };
    yield [
      changeVoucher(voucher, after),
      { delete: keys.voucherCode(context.keyed('lookup voucher', code)) },
    ];
  }
}

/** Whether giving these purchases back may revoke vouchers. */
export function mayRevoke(records: readonly PurchaseRecord[]): boolean {
  return records.some(({ earning }) => earning?.terms.stampCards !== undefined);
}

/** A member's unused vouchers that stamps paid for, oldest first. */
export async function unusedVouchers(context: LedgerContext, owner: Owner): Promise<OfStamps[]> {
  const found: OfStamps[] = [];
  for (const memberId of idsOf(owner))
    for await (const item of scanPartition(context.store, keys.account(memberId).pk, voucherPrefix)) {
      const voucher = fromItem(item, 'voucher');
      if (voucher.status === 'issued' && voucher.uses === 0 && voucher.stampId !== null)
        found.push({ ...voucher, stampId: voucher.stampId });
    }
  // Their ids begin with when they were issued.
  return found.sort((a, b) => (a.voucherId < b.voucherId ? -1 : 1));
}

/** A page of a member's vouchers, newest first; `after` is the last id of the page before. */
export async function listVouchers(
  context: LedgerContext,
  memberId: MemberId,
  page: { readonly after?: VoucherId; readonly limit: number },
): Promise<Voucher[]> {
  const owner = (await currentAccount(context, memberId)) ?? { memberId };
  const pages = idsOf(owner).map((id) => {
    const { pk, sk } = keys.voucher(id, page.after ?? ('' as VoucherId));
    return context.store.query(pk, {
      prefix: voucherPrefix,
      descending: true,
      limit: page.limit,
      ...(page.after === undefined ? {} : { after: sk }),
    });
  });
  const items = (await Promise.all(pages)).flat();
  return items
    .map((item) => fromItem(item, 'voucher'))
    .sort((a, b) => (a.voucherId < b.voucherId ? 1 : -1))
    .slice(0, page.limit);
}

export async function getVoucher(
  context: LedgerContext,
  memberId: MemberId,
  voucherId: VoucherId,
): Promise<Voucher | undefined> {
  const item = await context.store.get(keys.voucher(memberId, voucherId));
  return item && fromItem(item, 'voucher');
}

/** The voucher of a code as somebody typed it; undefined also where its member has left. */
export async function findVoucher(context: LedgerContext, typed: string): Promise<Voucher | undefined> {
  const code = readVoucherCode(typed);
  if (code === undefined) return undefined;
  const item = await context.store.get(keys.voucherCode(context.keyed('lookup voucher', code)));
  if (!item) return undefined;
  const { memberId, voucherId } = fromItem(item, 'voucherCode');
  const [account, voucher] = await Promise.all([
    getOpenAccount(context, memberId),
    getVoucher(context, memberId, voucherId),
  ]);
  return account && voucher;
}
