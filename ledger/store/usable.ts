/**
 * A member's usable vouchers in one item, soonest to end first, so that a card finds them wherever they stand among
 * those that were used or have ended. The list follows from the vouchers that are written, so it is added to every
 * transaction that writes some by the one way to write (ledger/store/decide.ts), and nobody can forget it.
 */
import { type Account, idsOf } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { LedgerContext } from './context.ts';
import { fromItem, keys, toItem, type UsableVouchers, type Voucher, voucherPrefix } from './items.ts';
import { asRead, keyOf, scanPartition, type Write } from './store.ts';

/** A card shows so many of them. */
export const shownMax = 100;
/** So many are listed. Where there are more, they are looked for again once fewer than a card shows are left. */
const listedMax = 200;

type Listed = UsableVouchers['vouchers'][number];

function isUsable({ status, code }: Voucher): boolean {
  return status === 'issued' && code !== null;
}

function byEnd(a: Listed, b: Listed): number {
  const endOf = ({ expiresAt, voucherId }: Listed) => `${expiresAt ?? '9999'} ${voucherId}`;
  return endOf(a) < endOf(b) ? -1 : 1;
}

async function readUsable(context: LedgerContext, memberId: MemberId): Promise<UsableVouchers | undefined> {
  const item = await context.store.get(keys.usableVouchers(memberId));
  return item && fromItem(item, 'usableVouchers');
}

/** Looks at all vouchers of a member: where there is no list yet, or it was too short. */
async function findUsable(context: LedgerContext, memberId: MemberId): Promise<Voucher[]> {
  const found: Voucher[] = [];
  for await (const item of scanPartition(context.store, keys.account(memberId).pk, voucherPrefix)) {
    const voucher = fromItem(item, 'voucher');
    if (isUsable(voucher)) found.push(voucher);
  }
  return found;
}

/** The lists that some writes change, as further writes: none for writes that are of no vouchers. */
export async function listWrites(context: LedgerContext, writes: readonly Write[]): Promise<Write[]> {
  const changed = new Map<MemberId, Voucher[]>();
  for (const write of writes)
    if ('put' in write && write.put.item === 'voucher') {
      const voucher = fromItem(write.put, 'voucher');
      changed.set(voucher.memberId, [...(changed.get(voucher.memberId) ?? []), voucher]);
    }
  const lists = [...changed].map(async ([memberId, vouchers]) => {
    const { pk, sk } = keys.usableVouchers(memberId);
    // Who leaves takes the list along.
    const isGone = writes.some((write) => keyOf(write).pk === pk && keyOf(write).sk === sk);
    return isGone ? [] : listWrite(context, memberId, vouchers);
  });
  return (await Promise.all(lists)).flat();
}

async function listWrite(
  context: LedgerContext,
  memberId: MemberId,
  changed: readonly Voucher[],
): Promise<Write[]> {
  const before = await readUsable(context, memberId);
  // Vouchers of before have no list until another one is issued.
  if (!before && !changed.some(isUsable)) return [];
  const after = changedList(before?.vouchers ?? (await findUsable(context, memberId)), changed);
  const isShort = before?.isCut === true && after.length < shownMax;
  const all = isShort ? changedList(await findUsable(context, memberId), changed) : after;
  const list: UsableVouchers = {
    vouchers: all.slice(0, listedMax),
    isCut: all.length > listedMax || (before?.isCut === true && !isShort),
    revision: (before?.revision ?? 0) + 1,
  };
  const said = ({ vouchers, isCut }: UsableVouchers) => JSON.stringify([vouchers, isCut]);
  if (before && said(before) === said(list)) return [];
  return [{ put: toItem(keys.usableVouchers(memberId), 'usableVouchers', list), if: asRead(before) }];
}

/** A list without what is not usable any more, and with what is; what had ended when the newest came is left out. */
function changedList(list: readonly Listed[], changed: readonly Voucher[]): Listed[] {
  const ids = new Set(changed.map(({ voucherId }) => voucherId));
  const newest = Math.max(...changed.map(({ issuedAt }) => Date.parse(issuedAt)));
  return [...list.filter(({ voucherId }) => !ids.has(voucherId)), ...changed.filter(isUsable)]
    .map(({ voucherId, expiresAt }) => ({ voucherId, expiresAt }))
    .filter((one) => isAt(one, newest))
    .sort(byEnd);
}

function isAt({ expiresAt }: Listed, now: number): boolean {
  return expiresAt === null || Date.parse(expiresAt) > now;
}

/** The vouchers that a member could use at an instant, soonest to end first: as many as a card shows. */
export async function usableVouchers(
  context: LedgerContext,
  owner: Pick<Account, 'memberId' | 'merged'>,
  now: number,
): Promise<Voucher[]> {
  const found = await Promise.all(idsOf(owner).map((memberId) => usableOf(context, memberId, now)));
  return found.flat().sort(byEnd).slice(0, shownMax);
}

async function usableOf(context: LedgerContext, memberId: MemberId, now: number): Promise<Voucher[]> {
  const list = await readUsable(context, memberId);
  const open = list?.vouchers.filter((one) => isAt(one, now)) ?? [];
  if (!list || (list.isCut && open.length < shownMax)) {
    const found = await findUsable(context, memberId);
    return found
      .filter((one) => isAt(one, now))
      .sort(byEnd)
      .slice(0, shownMax);
  }
  const items = open
    .slice(0, shownMax)
    .map(({ voucherId }) => context.store.get(keys.voucher(memberId, voucherId)));
  return (await Promise.all(items))
    .flatMap((item) => (item ? [fromItem(item, 'voucher')] : []))
    .filter((voucher) => isUsable(voucher) && isAt(voucher, now));
}
