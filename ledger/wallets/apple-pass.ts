/** What is known of a member's Apple pass: of which version the phones were told, and which was fetched. */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { type ApplePass, fromItem, keys, type NotedVersion, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';
import { holderWrites } from './holders.ts';

export async function getApplePass(
  context: LedgerContext,
  memberId: MemberId,
): Promise<ApplePass | undefined> {
  const item = await context.store.get(keys.applePass(memberId));
  return item && fromItem(item, 'applePass');
}

type Known = Pick<ApplePass, 'first' | 'told' | 'fetched' | 'telling'>;
const nothing: Known = { first: null, told: null, fetched: null };

/**
 * Changes what is known by what `change` makes of it, again whenever somebody else was faster.
 * @returns what was known before; undefined when nothing had to be changed
 */
async function note(
  context: LedgerContext,
  memberId: MemberId,
  change: (known: Known) => Partial<Known> | undefined,
): Promise<Known | undefined> {
  return decide<Known | undefined>(context, 'Noting an Apple pass', async () => {
    const previous = await getApplePass(context, memberId);
    const changed = change(previous ?? nothing);
    if (!changed) return { result: undefined, writes: [] };
    return { result: previous ?? nothing, writes: applePassWrites(memberId, previous, changed) };
  });
}

/** The writes of a change, which hold as long as nobody else has changed the pass since it was read. */
export function applePassWrites(
  memberId: MemberId,
  previous: ApplePass | undefined,
  changed: Partial<Known>,
): Write[] {
  const revision = (previous?.revision ?? 0) + 1;
  const next: ApplePass = { ...nothing, ...previous, ...changed, memberId, revision };
  return [
    { put: toItem(keys.applePass(memberId), 'applePass', next), if: asRead(previous) },
    ...holderWrites(previous, memberId),
  ];
}

/** Whether phones are to be told now, know it or are being told, or are to be told when some milliseconds have passed. */
export type Telling =
  | { readonly type: 'begun' }
  | { readonly type: 'known' }
  | { readonly type: 'early'; readonly waitMs: number };

/**
 * Begins to tell the phones of a version. It is written down before anything is sent, so that of all who would tell
 * them at that moment one does. Who has begun and failed has an event that comes again, and after `apartMs` begins anew.
 * @param apartMs between this telling and the one before, at least
 */
export async function beginAppleTelling(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
  now: number,
  apartMs: number,
): Promise<Telling> {
  const by = context.ulid(now);
  return decide<Telling>(context, 'Beginning to tell phones', async () => {
    const previous = await getApplePass(context, memberId);
    const { told, telling } = previous ?? nothing;
    // The answer to writing it was lost.
    if (telling?.by === by) return { result: { type: 'begun' }, writes: [] };
    if (told && told.version >= version) return { result: { type: 'known' }, writes: [] };
    // A clock that was set back says nothing about how long ago it was.
    const sinceMs = telling ? now - Date.parse(telling.at) : -1;
    if (telling && sinceMs >= 0 && sinceMs < apartMs) {
      const result = { type: 'early', waitMs: apartMs - sinceMs } as const;
      return { result: telling.version >= version ? { type: 'known' } : result, writes: [] };
    }
    const changed = { telling: { version, at: utc(now), by } };
    return { result: { type: 'begun' }, writes: applePassWrites(memberId, previous, changed) };
  });
}

function isNews(known: NotedVersion | null, version: number): boolean {
  return known === null || known.version < version;
}

/**
 * Notes that every phone with the pass was told of a version; an older one changes nothing.
 * @returns what was known before; undefined when it was known
 */
export function noteAppleTold(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
  now: number,
): Promise<Known | undefined> {
  return note(context, memberId, ({ told }) =>
    isNews(told, version) ? { told: { version, at: utc(now) } } : undefined,
  );
}

/** Notes that a phone has come of which nobody knows whether it has seen the newest version. */
export async function doubtAppleTold(context: LedgerContext, memberId: MemberId): Promise<void> {
  await note(context, memberId, ({ told }) => (told === null ? undefined : { told: null }));
}

/**
 * Notes that a version was given out; an older one changes nothing.
 * @returns what was known before; undefined when it was known
 */
export function noteAppleFetched(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
  now: number,
): Promise<Known | undefined> {
  return note(context, memberId, ({ first, fetched }) =>
    isNews(fetched, version)
      ? { first: first ?? (fetched ? null : version), fetched: { version, at: utc(now) } }
      : undefined,
  );
}
