/**
 * Ids that came again with other content. The first stays; what differs is an exception, told apart by its content,
 * and the purchase says `conflict` as long as one of them is open.
 */
import type { ExceptionId } from '../../core/contract/ids.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import { exceptionId, type NewException, openOnce } from '../operators/exceptions.ts';
import type { LedgerContext } from '../store/context.ts';
import { keys, toItem } from '../store/items.ts';
import { asRead, type Standing, type Write } from '../store/store.ts';
import { getPurchase } from './decision.ts';

/** Open ones that a record names: more than anybody parks, few enough for any record. */
const namedMax = 20;

/** Whether an exception is known already, open or handled: what was dismissed stays so when the same comes again. */
export function isParked(context: LedgerContext, conflict: NewException, found: Standing): boolean {
  const id = exceptionId(context, conflict);
  return found.has(keys.exception(id, 'open')) || found.has(keys.exception(id, 'resolved'));
}

/** The writes that park a conflict of a purchase, and its record after them; none when it was parked before. */
export function parkConflict(
  context: LedgerContext,
  record: PurchaseRecord,
  conflict: NewException,
  found: Standing,
  now: number,
): { record: PurchaseRecord; writes: Write[] } {
  if (isParked(context, conflict, found)) return { record, writes: [] };
  const conflicts = [...record.conflicts, exceptionId(context, conflict)].slice(0, namedMax);
  const marked = { ...record, revision: record.revision + 1, conflicts };
  return { record: marked, writes: [putRecord(record, marked), ...openOnce(context, conflict, now)] };
}

function putRecord(before: PurchaseRecord, after: PurchaseRecord): Write {
  return { put: toItem(keys.purchase(after.purchase.id), 'purchase', after), if: asRead(before) };
}

/** What goes with an operator's dismissal of a conflict: the purchase is no longer in conflict over it. */
export async function settleConflict(
  context: LedgerContext,
  { exceptionId: id, type, subject }: ExceptionAnswer,
): Promise<Write[]> {
  if (type !== 'purchase_conflict') return [];
  const record = await getPurchase(context, subject as PurchaseRecord['purchase']['id']);
  const conflicts = record?.conflicts.filter((one) => one !== id && one !== unnamedConflict) ?? [];
  if (!record || conflicts.length === record.conflicts.length) return [];
  return [putRecord(record, { ...record, revision: record.revision + 1, conflicts })];
}

/** Stands for the conflicts of a record that was written when records did not name them. */
export const unnamedConflict = '' as ExceptionId;
