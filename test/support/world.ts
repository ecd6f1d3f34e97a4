/** What tests share: the default programme, a ledger context over any store, purchases and refunds at random. */
import { createHash, createHmac, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type fc from 'fast-check';
import { ulid } from 'ulid';
import type { MemberId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { type Program, type ProgramDocument, programDocument } from '../../core/program.ts';
import { newPurchaseRecord, type PurchaseRecord } from '../../core/purchases.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import type { Store } from '../../ledger/store/store.ts';

const root = join(import.meta.dirname, '../..');

/** The programme that the project ships, as version 1, with any fields replaced. */
export function defaultProgram(changes: Partial<ProgramDocument> = {}): Program {
  const document = programDocument.parse(JSON.parse(readFileSync(join(root, 'program.json'), 'utf8')));
  return { ...document, ...changes, version: 1 };
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

export function testContext(store: Store): LedgerContext {
  return {
    store,
    ulid: (now) => ulid(now),
    sha256,
    keyed: (label, text) => createHmac('sha256', `test ${label}`).update(text).digest('base64url'),
    randomInteger: (below) => randomInt(below),
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  };
}

/** What CloudFront says to the API. */
export const originSecret = 'what only the distribution knows';

/** 22 November 2026, noon UTC. */
export const noon = Date.parse('2026-11-22T12:00:00Z');

let serial = 0;

/** A purchase of lines worth the given minor units. */
export function aPurchase(
  amounts: readonly number[],
  more: Partial<RecordedPurchase> & { member?: MemberReference } = {},
): RecordedPurchase {
  serial++;
  const lines = amounts.map((amountMinor, index) => ({
    id: String(index + 1),
    sku: `SKU-${index + 1}`,
    quantity: 1,
    amountMinor,
  }));
  return {
    channel: 'store',
    id: `store:P${serial}`,
    occurredAt: '2026-11-22T11:00:00Z',
    currency: 'EUR',
    lines,
    totalMinor: amounts.reduce((sum, amount) => sum + amount, 0),
    ...more,
  };
}

/** The record of a purchase that has just earned. */
export function recordOf(purchase: RecordedPurchase, earning: PurchaseRecord['earning']): PurchaseRecord {
  const memberId = 'mem_01JD0000000000000000000000' as MemberId;
  return newPurchaseRecord(purchase, { contentHash: '', memberId, recordedAt: '', earning });
}

/** A refund of a purchase: by line, or of an amount on the whole order. */
export function aRefund(
  purchase: RecordedPurchase,
  what: Readonly<Record<string, number>> | number,
  more: Partial<RecordedRefund> = {},
): RecordedRefund {
  serial++;
  return {
    channel: purchase.channel,
    id: `${purchase.channel}:R${serial}`,
    occurredAt: '2026-11-22T11:30:00Z',
    currency: purchase.currency,
    purchaseId: purchase.id,
    ...(typeof what === 'number'
      ? { amountMinor: what }
      : { lines: Object.entries(what).map(([lineId, amountMinor]) => ({ lineId, amountMinor })) }),
    ...more,
  };
}

/** Whether what takes long is cut short: a mutant (`npm run test:mutation`) has seconds. */
export const isShort = process.env['SHORT'] === '1';

/** How often what a property compares has to happen in its runs; in few of them it need not. */
export const often = (times: number) => (isShort ? -1 : times);

/** fast-check's settings for a property: the seed is printed, and can be given by SEED. */
export function runs(wanted: number): fc.Parameters<unknown> {
  const seed = process.env['SEED'] === undefined ? Date.now() | 0 : Number(process.env['SEED']);
  const numRuns = isShort ? Math.min(wanted, 25) : wanted;
  console.info(`seed ${seed}, ${numRuns} runs`);
  return { numRuns, seed };
}
