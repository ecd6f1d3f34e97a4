/**
 * Where exceptions are found other than among all of them: by type and state, by the member that they are about, and
 * by the contacts that they name. A place only says where the exception is, so one that leads nowhere does no harm.
 */
import type { ExceptionId, MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import { contactHash, contactsIn } from '../members/contacts.ts';
import { exceptionDueWrite } from '../members/due.ts';
import type { LedgerContext } from '../store/context.ts';
import {
  contactPk,
  type DeadLetter,
  exceptionPk,
  exceptionShards,
  fromItem,
  keys,
  toItem,
} from '../store/items.ts';
import { type Key, scanPartition, type Write } from '../store/store.ts';

/**
 * How long an exception holds contacts of somebody who may be no member: as long as their purchase can be claimed.
 * What has not been handled by then is listed on, without them.
 */
export const contactDays = 90;

/** Contacts under which one exception is found. One that may name more is looked at by whoever looks for any. */
const contactsMax = 20;
const manyContacts = 'many';

/** What of an exception may name somebody: of a message, what it says and not the envelope around it. */
function tellingOf({ type, detail, data, handledBy }: ExceptionAnswer): unknown {
  if (type !== 'dead_letter') return [detail, data, handledBy?.reason];
  return [messageOf((data as DeadLetter).body), handledBy?.reason];
}

function messageOf(body: string): unknown {
  try {
    const message = JSON.parse(body) as { detail?: unknown } | null;
    return message?.detail ?? null;
  } catch {
    // What is no message of ours may name anybody anywhere.
    return body;
  }
}

/** The hashes of the contacts that an exception may name, each once. */
export function contactsOfException(context: LedgerContext, exception: ExceptionAnswer): string[] {
  const hashes = contactsIn(tellingOf(exception)).map((contact) => contactHash(context, contact));
  return [...new Set(hashes)];
}

function contactPlaces(context: LedgerContext, exception: ExceptionAnswer): Key[] {
  const hashes = contactsOfException(context, exception);
  const named = hashes.length > contactsMax ? [manyContacts] : hashes;
  return named.map((hash) => keys.exceptionOfContact(exception.exceptionId, hash));
}

/** The partitions in which an exception has places, by whom it is about and whom it names. */
export function placePartitions(context: LedgerContext, exception: ExceptionAnswer): string[] {
  const { exceptionId, memberId } = exception;
  const ofMember = memberId === null ? [] : [keys.exceptionOfMember(exceptionId, memberId)];
  return [...ofMember, ...contactPlaces(context, exception)].map(({ pk }) => pk);
}

function placeWrite(key: Key, exceptionId: ExceptionId): Write {
  return { put: toItem(key, 'exceptionPlace', { exceptionId }) };
}

/** The writes that give an exception that is new here all its places, and list it for the end of its contacts. */
export function placeWrites(context: LedgerContext, exception: ExceptionAnswer, now: number): Write[] {
  const { exceptionId, type, status, memberId, openedAt } = exception;
  const ofContacts = contactPlaces(context, exception);
  const places = [
    keys.exceptionOfType(exceptionId, type, status),
    ...(memberId === null ? [] : [keys.exceptionOfMember(exceptionId, memberId)]),
    ...ofContacts,
  ];
  const end = utc(Date.parse(openedAt) + contactDays * 86_400_000);
  return [
    ...places.map((key) => placeWrite(key, exceptionId)),
    ...(ofContacts.length > 0 ? [exceptionDueWrite(exceptionId, end, now)] : []),
  ];
}

/** The writes that move an exception from one state to another, among those of its type. */
export function moveWrites(
  { exceptionId, type }: Pick<ExceptionAnswer, 'exceptionId' | 'type'>,
  from: readonly ExceptionAnswer['status'][],
  to: ExceptionAnswer['status'],
): Write[] {
  return [
    ...from.map((status): Write => ({ delete: keys.exceptionOfType(exceptionId, type, status) })),
    placeWrite(keys.exceptionOfType(exceptionId, type, to), exceptionId),
  ];
}

/** The writes that move an exception's places where it names others than before. */
export function replaceWrites(
  context: LedgerContext,
  before: ExceptionAnswer,
  after: ExceptionAnswer,
): Write[] {
  const [old, left] = [contactPlaces(context, before), contactPlaces(context, after)];
  const missing = (from: readonly Key[], among: readonly Key[]) =>
    from.filter(({ pk }) => !among.some((key) => key.pk === pk));
  return [
    ...missing(old, left).map((key): Write => ({ delete: key })),
    ...missing(left, old).map((key) => placeWrite(key, after.exceptionId)),
  ];
}

// Those that are older than the places ------------------------------------------------------------------------------

/** Open exceptions come first: what is resolved meanwhile is met again among the resolved ones. */
export const exceptionPartitions: readonly string[] = (['open', 'resolved'] as const).flatMap((status) =>
  Array.from({ length: exceptionShards }, (_, shard) => exceptionPk(status, shard)),
);

/** The partitions in which some exceptions may still be without their places. */
export async function unplacedPartitions(context: LedgerContext): Promise<string[]> {
  const item = await context.store.get(keys.exceptionIndex);
  const done = new Set(item ? fromItem(item, 'exceptionIndex').done : []);
  return exceptionPartitions.filter((pk) => !done.has(pk));
}

// Finding them ------------------------------------------------------------------------------------------------------

/** The partitions of places under which all exceptions that name some contacts are found. */
export function contactPartitions(hashes: Iterable<string>): string[] {
  return [...hashes, manyContacts].map(contactPk);
}

/** The exceptions whose places lie in a partition, from behind a sort key. */
export async function* placesIn(
  context: LedgerContext,
  pk: string,
  prefix: string,
  after?: string,
): AsyncGenerator<{ readonly sk: string; readonly exceptionId: ExceptionId }> {
  for await (const item of scanPartition(context.store, pk, prefix, after))
    yield { sk: item.sk, exceptionId: fromItem(item, 'exceptionPlace').exceptionId };
}

/** The places of the exceptions about a member. */
export function placesOfMember(memberId: MemberId): Key {
  return keys.exceptionOfMember('' as ExceptionId, memberId);
}
