/** What the bus is told of a ledger entry. An entry is one self-contained item, so nothing else has to be read. */
import { type Entry, posted } from '../../core/account.ts';
import {
  type EventName,
  holdDetail,
  type LedgerDetail,
  type Listener,
  ledgerDetail,
  ledgerSource,
  listeners,
  noticeDetail,
  voucherDetail,
} from '../../core/contract/events.ts';
import type { BusEvent } from './bus.ts';

/** The event types of an entry: what happened to the points, and the tier where it changed. */
function eventNames(entry: Entry): EventName[] {
  switch (entry.type) {
    case 'enrolled':
      return ['MemberEnrolled'];
    case 'profile_changed':
      return ['MemberUpdated'];
    case 'expiry_noticed':
      return [];
    case 'tier_reviewed':
      return ['TierChanged'];
    case 'captured':
    case 'redeemed':
      return ['RewardRedeemed'];
    case 'voucher_used':
      return ['VoucherRedeemed'];
    case 'voucher_issued':
    case 'voucher_returned':
    case 'voucher_revoked':
      return ['MemberUpdated'];
    case 'merged_out':
    case 'merged_in':
    case 'unmerged_out':
    case 'unmerged_in':
      return entry.tier?.id === entry.merge?.before.tier.id
        ? ['MemberMerged']
        : ['MemberMerged', 'TierChanged'];
    case 'erased':
      return ['MemberErased'];
    default:
      return entry.tier ? ['PointsPosted', 'TierChanged'] : ['PointsPosted'];
  }
}

/** @param heard who is to hear of it: everybody, of an entry of which nobody knows, and of one that is announced again */
export function toEvents(entry: Entry, heard: readonly Listener[] = listeners): BusEvent[] {
  const detail: LedgerDetail = {
    version: entry.sequence,
    memberId: entry.memberId,
    entryId: entry.entryId,
    entryType: entry.type,
    cause: entry.cause,
    occurredAt: entry.occurredAt,
    recordedAt: entry.recordedAt,
    programVersion: entry.programVersion,
    points: posted(entry, 'member:available') + posted(entry, 'member:pending'),
    balance: entry.balance,
    listeners: [...heard],
  };
  const said = eventNames(entry).map((name) => ({ name, detail: ledgerDetail.parse(detail) }));
  const issuedVouchers = [...(entry.stamps?.issued ?? []), ...(entry.vouchers?.issued ?? [])];
  const vouchers = issuedVouchers.map(({ voucherId, rewardId, expiresAt }) => ({
    voucherId,
    rewardId,
    expiresAt,
  }));
  const issued =
    vouchers.length > 0
      ? [{ name: 'VoucherIssued', detail: voucherDetail.parse({ ...detail, vouchers }) }]
      : [];
  const noticed = entry.notice
    ? [{ name: 'PointsExpiring', detail: noticeDetail.parse({ ...detail, expiring: entry.notice }) }]
    : [];
  const opened = entry.holds?.opened;
  const held = opened
    ? [{ name: 'RedemptionAuthorized', detail: holdDetail.parse({ ...detail, redemption: opened }) }]
    : [];
  return [...said, ...issued, ...noticed, ...held].map((event) => ({ source: ledgerSource, ...event }));
}
