/**
 * Contacts of people who have left, wherever operators were shown them: in exceptions (what a channel sent of
 * somebody who was not known then), in the purchases and returns that those are about, and in the reasons that
 * operators gave.
 */
import type { ExceptionId, PurchaseId, RefundId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { recogniser, withoutContacts } from '../members/contacts.ts';
import { withoutMember } from '../members/references.ts';
import {
  contactPartitions,
  contactsOfException,
  placesIn,
  replaceWrites,
  unplacedPartitions,
} from '../operators/exception-places.ts';
import { redemptionSwitch } from '../operators/switches.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { auditPk, fromItem, keys, toItem } from '../store/items.ts';
import { asRead, type Item, type Key, present, scanPartition, type Write } from '../store/store.ts';

type IsContact = (text: string) => boolean;

/** Where operators give their reasons. */
const reasonPartitions: readonly string[] = [auditPk, keys.switch(redemptionSwitch).pk];

/** The fields of such items in which somebody may be named. */
const sweptFields = ['data', 'detail', 'reason', 'handledBy'] as const;

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
  // Of exceptions only those that name one of them, as soon as all of them are found so.
  for await (const id of namedIn(context, contactPartitions(hashes))) {
    await cleanException(context, id, isContact);
    if (!hasTime()) return false;
  }
  for (const pk of [...(await unplacedPartitions(context)), ...reasonPartitions])
    for await (const item of scanPartition(context.store, pk, '')) {
      if (!hasTime()) return false;
      await cleanItem(context, item, isContact);
    }
  return true;
}

async function* namedIn(context: LedgerContext, partitions: readonly string[]): AsyncGenerator<ExceptionId> {
  for (const pk of partitions)
    for await (const { exceptionId } of placesIn(context, pk, '')) yield exceptionId;
}

/** Removes contacts from an exception, open or not, wherever it has moved meanwhile, and its places under them. */
async function cleanException(
  context: LedgerContext,
  id: ExceptionId,
  isContact: IsContact,
  also: readonly Write[] = [],
): Promise<void> {
  await decide(context, `Removing a contact from ${id}`, async () => {
    const item = await exceptionItem(context, id);
    const cleanedWrites = item ? await cleanWrites(context, item, isContact) : [];
    return { result: undefined, writes: [...cleanedWrites, ...also] };
  });
}

async function exceptionItem(context: LedgerContext, id: ExceptionId): Promise<Item | undefined> {
  const open = await context.store.get(keys.exception(id, 'open'));
  return open ?? (await context.store.get(keys.exception(id, 'resolved')));
}

/**
 * Ends what an exception holds of whoever it names: nobody has claimed the purchase in the time there was for it.
 * @param place where it is listed for that: taken off with it
 */
export async function forgetGuest(context: LedgerContext, id: ExceptionId, { pk, sk }: Key): Promise<void> {
  const item = await exceptionItem(context, id);
  const hashes = new Set(item ? contactsOfException(context, fromItem(item, 'exception')) : []);
  await cleanException(context, id, recogniser(context, hashes), [{ delete: { pk, sk } }]);
}

async function cleanItem(context: LedgerContext, found: Item, isContact: IsContact): Promise<void> {
  let first = true;
  await decide(context, `Removing a contact from ${found.sk}`, async () => {
    const item = first ? found : await context.store.get(found);
    first = false;
    return { result: undefined, writes: item ? await cleanWrites(context, item, isContact) : [] };
  });
}

async function cleanWrites(context: LedgerContext, item: Item, isContact: IsContact): Promise<Write[]> {
  const clean = cleaned(item, isContact);
  if (clean === item) return [];
  const places =
    item.item === 'exception'
      ? replaceWrites(context, fromItem(item, 'exception'), fromItem(clean, 'exception'))
      : [];
  return [replaceWrite(item, clean), ...(await recordWrites(context, clean, isContact)), ...places];
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
