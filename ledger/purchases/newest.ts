/** A member's purchases, newest first, without reading the whole history for it. */

import { type Account, idsOf } from '../../core/account.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import { aheadMaxMs } from '../../core/intake.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import type { LedgerContext } from '../store/context.ts';
import { entryPrefix, fromItem, keys } from '../store/items.ts';
import { getPurchase } from './decision.ts';

const entriesPerPage = 100;
/**
 * Entries of one member that are looked at, at most: years of a busy member. Of what lies before them nothing is
 * matched, and operators are told.
 */
export const entriesMax = 1000;

/** Purchases that are read together: most returns find theirs among the first. */
const readAtOnce = 25;

interface Posted {
  readonly id: PurchaseId;
  readonly occurredAt: number;
  readonly sequence: number;
}

/**
 * The member's purchases from the newest on: by when they happened, then by when they were posted. Entries are read
 * from the last one back, and only as far as the purchases are asked for: what was recorded earlier happened earlier,
 * but for what clocks may differ by, so whatever happened behind that is known to be newer than all that was not read.
 */
async function* newestOf(context: LedgerContext, memberId: MemberId): AsyncGenerator<PurchaseRecord> {
  const { pk } = keys.account(memberId);
  let known: Posted[] = [];
  let after: string | undefined;
  for (let read = 0; read < entriesMax; read += entriesPerPage) {
    const range = { prefix: entryPrefix, descending: true, limit: entriesPerPage };
    const page = await context.store.query(pk, after === undefined ? range : { ...range, after });
    const entries = page.map((item) => fromItem(item, 'entry'));
    for (const { type, cause, occurredAt, sequence } of entries)
      if (type === 'earned')
        known.push({ id: cause.id as PurchaseId, occurredAt: Date.parse(occurredAt), sequence });
    after = page.at(-1)?.sk;
    if (page.length < entriesPerPage || after === undefined) break;
    const oldest = Math.min(...entries.map(({ recordedAt }) => Date.parse(recordedAt)));
    const [newer, older] = split(known, oldest + 2 * aheadMaxMs);
    yield* records(context, newer);
    known = older;
  }
  yield* records(context, known);
}

/** The same of a member and of whoever was merged into them: always the newest of what each of them has next. */
export async function* newestPurchases(
  context: LedgerContext,
  account: Pick<Account, 'memberId' | 'merged'>,
): AsyncGenerator<PurchaseRecord> {
  const walks = idsOf(account).map((id) => newestOf(context, id));
  const next = await Promise.all(walks.map((walk) => walk.next()));
  for (;;) {
    let newest = -1;
    for (const [index, { value, done }] of next.entries())
      if (!done && (newest < 0 || isNewer(value, next[newest]?.value))) newest = index;
    const [walk, found] = [walks[newest], next[newest]];
    if (!walk || !found || found.done) return;
    yield found.value;
    next[newest] = await walk.next();
  }
}

function isNewer(a: PurchaseRecord, b: PurchaseRecord | undefined): boolean {
  return b === undefined || Date.parse(a.purchase.occurredAt) > Date.parse(b.purchase.occurredAt);
}

/** Those that happened behind an instant, and the others. */
function split(posted: readonly Posted[], instant: number): [Posted[], Posted[]] {
  return [
    posted.filter(({ occurredAt }) => occurredAt > instant),
    posted.filter(({ occurredAt }) => occurredAt <= instant),
  ];
}

async function* records(context: LedgerContext, posted: readonly Posted[]): AsyncGenerator<PurchaseRecord> {
  const newest = posted.toSorted((a, b) => b.occurredAt - a.occurredAt || b.sequence - a.sequence);
  for (let at = 0; at < newest.length; at += readAtOnce) {
    const chunk = newest.slice(at, at + readAtOnce);
    for (const record of await Promise.all(chunk.map(({ id }) => getPurchase(context, id))))
      if (record) yield record;
  }
}
