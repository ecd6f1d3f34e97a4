/**
 * Contacts of people who have left, wherever operators were shown them: in exceptions (what a channel sent of
 * somebody who was not known then), in the purchases and returns that those are about, and in the reasons that
 * operators gave.
 */
import type { PurchaseId, RefundId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { recogniser, withoutContacts } from '../members/contacts.ts';
import { unavailable } from '../members/members.ts';
import { withoutMember } from '../members/references.ts';
import { redemptionSwitch } from '../operators/switches.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { auditPk, exceptionPk, exceptionShards, fromItem, keys, toItem } from '../store/items.ts';
import { type Condition, type Item, scanPartition, type Write } from '../store/store.ts';

type IsContact = (text: string) => boolean;

/** Open exceptions come first: what is resolved meanwhile is met again among the resolved ones. */
const sweptPartitions: readonly string[] = [
  ...(['open', 'resolved'] as const).flatMap((status) =>
    Array.from({ length: exceptionShards }, (_, shard) => exceptionPk(status, shard)),
  ),
  auditPk,
  keys.switch(redemptionSwitch).pk,
];

/** The fields of such items in which somebody may be named. */
const sweptFields = ['data', 'detail', 'reason'] as const;

/**
 * Replaces contacts, given by their hashes.
 * @returns whether it came to the end before the time was over
 */
export async function sweepContacts(
  context: LedgerContext,
  hashes: ReadonlySet<string>,
  hasTime: () => boolean,
): Promise<boolean> {
  if (hashes.size === 0) return true;
  const isContact = recogniser(context, hashes);
  for (const pk of sweptPartitions)
    for await (const item of scanPartition(context.store, pk, '')) {
      if (!hasTime()) return false;
      await cleanItem(context, item, isContact);
    }
  return true;
}

async function cleanItem(context: LedgerContext, found: Item, isContact: IsContact): Promise<void> {
  let item: Item | undefined = found;
  for (let attempt = 1; item && attempt <= decisionsMax; attempt++) {
    const clean = cleaned(item, isContact);
    if (clean === item) return;
    const outcome = await context.store.transact([
      replaceWrite(item, clean),
      ...(await recordWrites(context, clean, isContact)),
    ]);
    if (outcome.type === 'committed') return;
    if (outcome.type !== 'refused') throw unavailable(outcome, `Removing a contact from ${clean.sk}`);
    await backOff(context, attempt);
    item = await context.store.get(found);
  }
  if (item) throw new LedgerUnavailable('contended', `Removing a contact from ${item.sk}`);
}

/** What counts its changes is replaced only as it was read; exceptions and notes hardly ever change. */
function replaceWrite(before: Item, after: Item): Write {
  const revision = before['revision'];
  return typeof revision === 'number'
    ? { put: { ...after, revision: revision + 1 }, if: unchanged(revision) }
    : { put: after, if: { kind: 'present' } };
}

function unchanged(revision: number): Condition {
  return { kind: 'unchanged', field: 'revision', value: revision };
}

function cleaned(item: Item, isContact: IsContact): Item {
  const changes = sweptFields
    .map((name) => [name, withoutContacts(item[name], isContact)] as const)
    .filter(([name, value]) => value !== item[name]);
  return changes.length === 0 ? item : { ...item, ...Object.fromEntries(changes) };
}

/** The purchase or the return that an exception is about, where it still names somebody as the channel did. */
async function recordWrites(context: LedgerContext, item: Item, isContact: IsContact): Promise<Write[]> {
  if (item.item !== 'exception') return [];
  const { subject } = fromItem(item, 'exception');
  const names = (member: MemberReference | undefined) => withoutContacts(member, isContact) !== member;
  const [purchase, refund] = await Promise.all([
    context.store.get(keys.purchase(subject as PurchaseId)),
    context.store.get(keys.refund(subject as RefundId)),
  ]);
  const writes: Write[] = [];
  if (purchase?.item === 'purchase') {
    const record = fromItem(purchase, 'purchase');
    const after = { ...record, revision: record.revision + 1, purchase: withoutMember(record.purchase) };
    if (names(record.purchase.member))
      writes.push({ put: toItem(purchase, 'purchase', after), if: unchanged(record.revision) });
  }
  if (refund) {
    const record = fromItem(refund, 'refund');
    const after = { ...record, revision: record.revision + 1, refund: withoutMember(record.refund) };
    if (names(record.refund.member))
      writes.push({ put: toItem(refund, 'refund', after), if: unchanged(record.revision) });
  }
  return writes;
}
