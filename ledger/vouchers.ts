/** Vouchers as the ledger keeps them: one item each, and a look-up by the keyed hash of its code. */
import type { Account, Entry } from '../core/account.ts';
import type { MemberId } from '../core/contract/ids.ts';
import { makeVoucherCode } from '../core/vouchers.ts';
import type { LedgerContext } from './context.ts';
import { fromItem, keys, toItem, type Voucher, voucherPrefix } from './items.ts';
import { scanPartition, type Write } from './store.ts';

/** The writes for the vouchers that entries issue and revoke; `previous` is the account before them. */
export function voucherWrites(context: LedgerContext, previous: Account, entries: readonly Entry[]): Write[] {
  const issued = new Map<string, Voucher>();
  const changed = new Map<string, Voucher>();
  for (const { stamps, memberId, entryId, recordedAt } of entries) {
    for (const { voucherId, rewardId, stampId, expiresAt } of stamps?.issued ?? []) {
      const code = makeVoucherCode(context.randomInteger);
      const voucher: Voucher = {
        voucherId,
        memberId,
        rewardId,
        stampId,
        code,
        status: 'issued',
        issuedAt: recordedAt,
        expiresAt,
        entryId,
      };
      issued.set(voucherId, voucher);
      changed.set(voucherId, voucher);
    }
    for (const voucherId of stamps?.revoked ?? []) {
      const fresh = issued.get(voucherId);
      const known = previous.vouchers.find((one) => one.voucherId === voucherId);
      if (fresh) changed.set(voucherId, { ...fresh, status: 'revoked', code: null });
      else if (known) {
        const { rewardId, stampId, expiresAt } = known;
        const what = { voucherId, memberId, rewardId, stampId, expiresAt, entryId, issuedAt: null };
        // The code is nobody's any more, so it is not kept; its look-up stays and leads to this.
        changed.set(voucherId, { ...what, code: null, status: 'revoked' });
      }
    }
  }
  return [...changed.values()].flatMap((voucher): Write[] => {
    const put: Write = { put: toItem(keys.voucher(voucher.memberId, voucher.voucherId), 'voucher', voucher) };
    if (voucher.code === null) return [put];
    const hash = context.keyed('lookup voucher', voucher.code);
    const { memberId, voucherId } = voucher;
    return [
      put,
      {
        put: toItem(keys.voucherCode(hash), 'voucherCode', { memberId, voucherId }),
        if: { kind: 'absent' },
      },
    ];
  });
}

/** A member's vouchers, newest first. */
export async function vouchersOf(context: LedgerContext, memberId: MemberId): Promise<Voucher[]> {
  const found: Voucher[] = [];
  for await (const item of scanPartition(context.store, keys.account(memberId).pk, voucherPrefix))
    found.push(fromItem(item, 'voucher'));
  return found.reverse();
}
