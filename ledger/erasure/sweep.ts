/**
 * Contacts of people who have left, wherever operators were shown them: in exceptions (what a channel sent of
 * somebody who was not known then), in the purchases and returns that those are about, and in the reasons that
 * operators gave.
 */
import type { PurchaseId, RefundId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { recogniser, withoutContacts } from '../members/contacts.ts';
import { withoutMember } from '../members/references.ts';
import { redemptionSwitch } from '../operators/switches.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { auditPk, exceptionPk, exceptionShards, fromItem, keys, toItem } from '../store/items.ts';
import { asRead, type Item, present, scanPartition, type Write } from '../store/store.ts';

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
  let first = true;
  await decide(context, `Removing a contact from ${found.sk}`, async () => {
    const item = first ? found : await context.store.get(found);
    first = false;
    if (!item) return { result: undefined, writes: [] };
    const clean = cleaned(item, isContact);
    if (clean === item) return { result: undefined, writes: [] };
    const writes = [replaceWrite(item, clean), ...(await recordWrites(context, clean, isContact))];
    return { result: undefined, writes };
  });
}

/** What counts its changes is replaced only as it was read; exceptions and notes hardly ever change. */
function replaceWrite(before: Item, after: Item): Write {
  const revision = before['revision'];
  return typeof revision === 'number'
    ? { put: { ...after, revision: revision + 1 }, if: asRead({ revision }) }
    : { put: after, if: present };
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
      writes.push({ put: toItem(purchase, 'purchase', after), if: asRead(record) });
  }
  if (refund) {
    const record = fromItem(refund, 'refund');
    const after = { ...record, revision: record.revision + 1, refund: withoutMember(record.refund) };
    if (names(record.refund.member))
      writes.push({ put: toItem(refund, 'refund', after), if: asRead(record) });
  }
  return writes;
}
