/** What operators do is written down with who and why, in the transaction of what they do. */
import type { ChannelId, MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { type LedgerContext, newId } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { type Audit, auditPk, fromItem, keys, toItem } from '../store/items.ts';
import { absent, type Write } from '../store/store.ts';

/** Who acts: a key and its name, or a person who has signed in. */
export interface Operator {
  readonly keyId: string;
  readonly name: string;
  /** Whose key it is, after any rotation, or the person; nobody for what is done by hand. */
  readonly holder?: string;
}

interface Done {
  readonly action: string;
  /** The id of what was acted on. */
  readonly subject: string;
  readonly reason: string | null;
}

/** The write that remembers an operator's action. */
export function auditWrite(context: LedgerContext, operator: Operator, done: Done, now: number): Write {
  const auditId = newId(context, 'audit', now);
  const audit: Audit = { auditId, at: utc(now), keyId: operator.keyId, name: operator.name, ...done };
  return { put: toItem(keys.audit(auditId), 'audit', audit), if: absent };
}

/** Writes down what an operator does that is more than one transaction, or none. */
export async function writeAudit(
  context: LedgerContext,
  operator: Operator,
  done: Done,
  now: number,
): Promise<void> {
  const met = await commit(context, 'Auditing', [auditWrite(context, operator, done, now)]);
  if (met) throw new Error('The audit has this id already.');
}

/** Writes down that an operator has exported what is held on a member. */
export async function noteExport(
  context: LedgerContext,
  operator: Operator,
  memberId: MemberId,
  now: number,
): Promise<void> {
  const done = { action: 'export_member', subject: memberId, reason: null };
  await writeAudit(context, operator, done, now);
}

/** Writes down that an operator imports so many purchases and refunds of a channel. */
export async function noteImport(
  context: LedgerContext,
  operator: Operator,
  channel: ChannelId,
  items: number,
  now: number,
): Promise<void> {
  const done = { action: 'import', subject: `${items} purchases and refunds of ${channel}`, reason: null };
  await writeAudit(context, operator, done, now);
}

/** A page of what operators did, newest first; `after` is the last id of the page before. */
export async function listAudit(
  context: LedgerContext,
  page: { readonly after?: string; readonly limit: number },
): Promise<Audit[]> {
  const items = await context.store.query(auditPk, { prefix: '', descending: true, ...page });
  return items.map((item) => fromItem(item, 'audit'));
}
