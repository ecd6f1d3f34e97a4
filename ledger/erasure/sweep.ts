/**
 * Contacts and names of people who have left, wherever somebody wrote them: in exceptions (what a channel sent of
 * somebody who was not known then), in the purchases and returns that those are about, in their own purchases, and in
 * whatever operators wrote: reasons, decisions, labels of keys.
 */
import { canonicalJson } from '../../core/canonical.ts';
import type { ExceptionId, MemberId, PurchaseId, RefundId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { erased, withoutContacts, withTexts } from '../members/contacts.ts';
import { idsOfPerson } from '../members/members.ts';
import { withoutMember } from '../members/references.ts';
import {
  contactPartitions,
  contactsOfException,
  placesIn,
  placesOfMember,
  replaceWrites,
  unplacedPartitions,
} from '../operators/exception-places.ts';
import { redemptionSwitch } from '../operators/switches.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import {
  adjustmentPk,
  auditPk,
  entryPrefix,
  fromItem,
  keys,
  keysPk,
  type OpenErasure,
  toItem,
} from '../store/items.ts';
import { asRead, type Item, type Key, present, scanPartition, type Write } from '../store/store.ts';
import { type NameHash, withoutNames } from './names.ts';

/** A value of an item, without what names the person; the same value where nothing does. */
type Clean = <T>(value: T) => T;

/**
 * Where operators write: the reasons of what they did, the labels of their keys, the names of channels, what the switch
 * and the adjustments were for.
 */
const textPartitions: readonly string[] = [
  auditPk,
  keysPk,
  keys.switch(redemptionSwitch).pk,
  keys.channels.pk,
  ...(['waiting', 'decided'] as const).map(adjustmentPk),
];

/** The fields of such items in which somebody may be named. */
const sweptFields = ['data', 'detail', 'reason', 'decisionReason', 'name', 'handledBy'] as const;

/** What takes the contacts and the name of somebody who has left out of a text. */
export function cleaner(context: LedgerContext, { contacts, names = [] }: OpenErasure): Clean {
  return contactCleaner(context, new Set(contacts), names);
}

function contactCleaner(
  context: LedgerContext,
  contacts: ReadonlySet<string>,
  names: readonly NameHash[] = [],
): Clean {
  return (value) =>
    withTexts(withoutContacts(context, value, contacts), (text) =>
      withoutNames(context, text, names, erased),
    );
}

/**
 * Takes the person out of whatever others wrote.
 * @returns whether it came to the end before the time was over
 */
export async function sweepPerson(
  context: LedgerContext,
  erasure: OpenErasure,
  hasTime: () => boolean,
): Promise<boolean> {
  const { memberId, contacts, names = [] } = erasure;
  if (contacts.length === 0 && names.length === 0) return true;
  const clean = cleaner(context, erasure);
  // Of exceptions those about the member, and those that name a contact, as soon as all of them are found so.
  const ids = await idsOfPerson(context, memberId);
  for (const { pk, sk } of ids.map(placesOfMember))
    for await (const { exceptionId } of placesIn(context, pk, sk)) {
      await cleanException(context, exceptionId, clean);
      if (!hasTime()) return false;
    }
  for await (const id of namedIn(context, contactPartitions(contacts))) {
    await cleanException(context, id, clean);
    if (!hasTime()) return false;
  }
  for (const partition of [...(await unplacedPartitions(context)), ...textPartitions])
    for await (const item of scanPartition(context.store, partition, '')) {
      if (!hasTime()) return false;
      await cleanItem(context, item, clean);
    }
  for (const id of ids) if (!(await sweepPurchases(context, id, clean, hasTime))) return false;
  return true;
}

/** The texts that channels wrote into the person's own purchases: engravings, notes, whatever stands for a store. */
async function sweepPurchases(
  context: LedgerContext,
  memberId: MemberId,
  clean: Clean,
  hasTime: () => boolean,
): Promise<boolean> {
  for await (const item of scanPartition(context.store, keys.account(memberId).pk, entryPrefix)) {
    const { type, cause } = fromItem(item, 'entry');
    if (type !== 'earned') continue;
    if (!hasTime()) return false;
    const found = await context.store.get(keys.purchase(cause.id as PurchaseId));
    if (found?.item === 'purchase') await cleanPurchase(context, found, clean);
  }
  return true;
}

async function cleanPurchase(context: LedgerContext, found: Item, clean: Clean): Promise<void> {
  await decide(context, `Removing a contact from ${found.sk}`, async ({ found: standing }) => {
    const record = fromItem(standing.at(found) ?? found, 'purchase');
    const { store, lines } = record.purchase;
    const texts = clean({
      store,
      lines: lines.map(({ sku, name, category, brand }) => ({ sku, name, category, brand })),
    });
    const after = lines.map((line, at) => ({ ...line, ...without(texts.lines[at] ?? {}) }));
    const isSame = texts.store === store && canonicalJson(after) === canonicalJson(lines);
    if (isSame) return { result: undefined, writes: [] };
    const purchase = { ...record.purchase, ...without({ store: texts.store }), lines: after };
    const next = { ...record, purchase, revision: record.revision + 1 };
    return {
      result: undefined,
      writes: [{ put: toItem(found, 'purchase', next), if: asRead(record) }],
    };
  });
}

/** The fields that are there. */
function without<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

async function* namedIn(context: LedgerContext, partitions: readonly string[]): AsyncGenerator<ExceptionId> {
  for (const pk of partitions)
    for await (const { exceptionId } of placesIn(context, pk, '')) yield exceptionId;
}

/** Removes contacts from an exception, open or not, wherever it has moved meanwhile, and its places under them. */
async function cleanException(
  context: LedgerContext,
  id: ExceptionId,
  clean: Clean,
  also: readonly Write[] = [],
): Promise<void> {
  await decide(context, `Removing a contact from ${id}`, async () => {
    const item = await exceptionItem(context, id);
    const cleanedWrites = item ? await cleanWrites(context, item, clean) : [];
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
  await cleanException(context, id, contactCleaner(context, hashes), [{ delete: { pk, sk } }]);
}

async function cleanItem(context: LedgerContext, found: Item, clean: Clean): Promise<void> {
  let first = true;
  await decide(context, `Removing a contact from ${found.sk}`, async () => {
    const item = first ? found : await context.store.get(found);
    first = false;
    return { result: undefined, writes: item ? await cleanWrites(context, item, clean) : [] };
  });
}

async function cleanWrites(context: LedgerContext, item: Item, clean: Clean): Promise<Write[]> {
  const after = cleaned(item, clean);
  if (after === item) return [];
  const places =
    item.item === 'exception'
      ? replaceWrites(context, fromItem(item, 'exception'), fromItem(after, 'exception'))
      : [];
  return [
    replaceWrite(item, after),
    ...(await recordWrites(context, after, clean)),
    ...places,
    ...(await labelWrites(context, after)),
  ];
}

/** What counts its changes is replaced only as it was read; exceptions and notes hardly ever change. */
function replaceWrite(before: Item, after: Item): Write {
  const revision = before['revision'];
  return typeof revision === 'number'
    ? { put: { ...after, revision: revision + 1 }, if: asRead({ revision }) }
    : { put: after, if: present };
}

function cleaned(item: Item, clean: Clean): Item {
  if (item.item === 'channels') return withNames(item, clean);
  const changes = sweptFields
    .map((name) => [name, clean(item[name])] as const)
    .filter(([name, value]) => value !== item[name]);
  return changes.length === 0 ? item : { ...item, ...Object.fromEntries(changes) };
}

/** Of channels only their names: an id is what others know one by. */
function withNames(item: Item, clean: Clean): Item {
  const { channels } = fromItem(item, 'channels');
  const after = channels.map((channel) => ({ ...channel, name: clean(channel.name) }));
  const isSame = after.every(({ name }, at) => name === channels[at]?.name);
  return isSame ? item : { ...item, channels: after };
}

/** A key's label stands twice: in the list of keys, and by its hash, where each request finds it. */
async function labelWrites(context: LedgerContext, item: Item): Promise<Write[]> {
  if (item.item !== 'keyIndex') return [];
  const { hash, name } = fromItem(item, 'keyIndex');
  const credential = await context.store.get(keys.credential(hash));
  return credential ? [{ put: { ...credential, name }, if: present }] : [];
}

/** The purchase or the return that an exception is about, where it still names somebody as the channel did. */
async function recordWrites(context: LedgerContext, item: Item, clean: Clean): Promise<Write[]> {
  if (item.item !== 'exception') return [];
  const { subject } = fromItem(item, 'exception');
  const names = (member: MemberReference | undefined) => clean(member) !== member;
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
