/** Vouchers as the ledger keeps them: one item each, and a look-up by the keyed hash of its code. */
import type { Entry } from '../core/account.ts';
import type { EntryId, MemberId } from '../core/contract/ids.ts';
import type { PurchaseRecord } from '../core/purchases.ts';
import { makeVoucherCode } from '../core/vouchers.ts';
import type { LedgerContext } from './context.ts';
import { fromItem, keys, toItem, type Voucher, voucherPrefix } from './items.ts';
import { scanPartition, type Write } from './store.ts';

/** The writes for the vouchers that entries issue and revoke; `unused` are those that were there before. */
export function voucherWrites(
  context: LedgerContext,
  unused: readonly Voucher[],
  entries: readonly Entry[],
): Write[] {
  const issued = entries.flatMap((entry) => issuedBy(context, entry));
  const revoked = new Map(
    entries.flatMap(({ stamps, entryId }) => (stamps?.revoked ?? []).map((id) => [id, entryId] as const)),
  );
  const fresh = issued.flatMap((voucher) => issueWrites(context, voucher, revoked.get(voucher.voucherId)));
  const known = unused.flatMap((voucher): Write[] => {
    const by = revoked.get(voucher.voucherId);
    return by === undefined ? [] : [revokeWrite(voucher, by)];
  });
  return [...fresh, ...known];
}

function issuedBy(context: LedgerContext, { stamps, memberId, entryId, recordedAt }: Entry): Voucher[] {
  return (stamps?.issued ?? []).map((voucher) => ({
    ...voucher,
    memberId,
    revision: 1,
    code: makeVoucherCode(context.randomInteger),
    status: 'issued',
    issuedAt: recordedAt,
    entryId,
  }));
}

/** A voucher that is revoked by the very transaction that issues it gets no code to be found by. */
function issueWrites(context: LedgerContext, voucher: Voucher, revokedBy: EntryId | undefined): Write[] {
  const { memberId, voucherId, code } = voucher;
  const key = keys.voucher(memberId, voucherId);
  if (revokedBy !== undefined || code === null)
    return [
      { put: toItem(key, 'voucher', revoke(voucher, revokedBy ?? voucher.entryId)), if: { kind: 'absent' } },
    ];
  const hash = context.keyed('lookup voucher', code);
  return [
    { put: toItem(key, 'voucher', voucher), if: { kind: 'absent' } },
    { put: toItem(keys.voucherCode(hash), 'voucherCode', { memberId, voucherId }), if: { kind: 'absent' } },
  ];
}

/** The code is nobody's any more, so it is not kept; its look-up stays and leads to the revoked voucher. */
function revoke(voucher: Voucher, entryId: EntryId): Voucher {
  return { ...voucher, revision: voucher.revision + 1, code: null, status: 'revoked', entryId };
}

/** Refused when somebody used the voucher in the meantime: then the decision is made again without it. */
function revokeWrite(voucher: Voucher, entryId: EntryId): Write {
  return {
    put: toItem(keys.voucher(voucher.memberId, voucher.voucherId), 'voucher', revoke(voucher, entryId)),
    if: { kind: 'unchanged', field: 'revision', value: voucher.revision },
  };
}

/** Whether giving these purchases back may revoke vouchers. */
export function mayRevoke(records: readonly PurchaseRecord[]): boolean {
  return records.some(({ earning }) => earning?.terms.stampCards !== undefined);
}

/** A member's unused vouchers, oldest first. */
export async function unusedVouchers(context: LedgerContext, memberId: MemberId): Promise<Voucher[]> {
  const all = await vouchersOf(context, memberId);
  return all.filter((voucher) => voucher.status === 'issued').reverse();
}

/** A member's vouchers, newest first. */
export async function vouchersOf(context: LedgerContext, memberId: MemberId): Promise<Voucher[]> {
  const found: Voucher[] = [];
  for await (const item of scanPartition(context.store, keys.account(memberId).pk, voucherPrefix))
    found.push(fromItem(item, 'voucher'));
  return found.reverse();
}
