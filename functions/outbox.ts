/**
 * The outbox: every entry that the table's stream brings becomes events of the ledger. An entry is one
 * self-contained item, so nothing else has to be read or to arrive together with it.
 */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { type Entry, posted } from '../core/account.ts';
import {
  type EventName,
  type LedgerDetail,
  ledgerDetail,
  ledgerSource,
  noticeDetail,
  voucherDetail,
} from '../core/contract/events.ts';
import { fromItem } from '../ledger/ledger.ts';
import type { Item } from '../ledger/store.ts';
import type { BusEvent } from './bus.ts';
import { plainDeps } from './deps.ts';

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
    case 'erased':
      return ['MemberErased'];
    default:
      return entry.tier ? ['PointsPosted', 'TierChanged'] : ['PointsPosted'];
  }
}

export function toEvents(entry: Entry): BusEvent[] {
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
  return [...said, ...issued, ...noticed].map((event) => ({ source: ledgerSource, ...event }));
}

function entryOf(record: DynamoDBRecord): Entry | undefined {
  const image = record.dynamodb?.NewImage;
  if (record.eventName !== 'INSERT' || !image) return undefined;
  const item = unmarshall(image as Parameters<typeof unmarshall>[0]) as Item;
  return item.item === 'entry' ? fromItem(item, 'entry') : undefined;
}

export const handler = async (batch: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const { bus, logger } = plainDeps();
  const events = batch.Records.flatMap((record) => {
    const entry = entryOf(record);
    const sequence = record.dynamodb?.SequenceNumber ?? '';
    return entry ? toEvents(entry).map((event) => ({ event, sequence })) : [];
  });
  const taken = await bus.put(events.map(({ event }) => event));
  const failed = events.find((_, index) => !taken[index]);
  if (!failed) return { batchItemFailures: [] };
  // Streams go on from the first failure: what came after it is published again, at least once is the promise.
  logger.error('The bus did not take every event', { sequenceNumber: failed.sequence });
  return { batchItemFailures: [{ itemIdentifier: failed.sequence }] };
};
