/** Members whose card is in Samsung Wallet, what became of it there, and what Samsung was told of. */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { unavailable } from '../members/members.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { fromItem, type KeptState, keys, type SamsungPass, toItem } from '../store/items.ts';
import { holderWrites } from './holders.ts';

export async function getSamsungPass(
  context: LedgerContext,
  memberId: MemberId,
): Promise<SamsungPass | undefined> {
  const item = await context.store.get(keys.samsungPass(memberId));
  return item && fromItem(item, 'samsungPass');
}

/** Changes a pass by what `decide` makes of it, again whenever somebody else was faster. */
async function change(
  context: LedgerContext,
  memberId: MemberId,
  decide: (previous: SamsungPass | undefined) => Omit<SamsungPass, 'revision'> | undefined,
): Promise<SamsungPass | undefined> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const previous = await getSamsungPass(context, memberId);
    const decided = decide(previous);
    if (!decided) return previous;
    const pass: SamsungPass = { ...decided, revision: (previous?.revision ?? 0) + 1 };
    const outcome = await context.store.transact([
      {
        put: toItem(keys.samsungPass(memberId), 'samsungPass', pass),
        if: previous
          ? { kind: 'unchanged', field: 'revision', value: previous.revision }
          : { kind: 'absent' },
      },
      ...holderWrites(previous, memberId),
    ]);
    if (outcome.type === 'committed') return pass;
    if (outcome.type !== 'refused') throw unavailable(outcome, 'Noting a Samsung card');
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', 'Noting a Samsung card');
}

/** Notes that a link with a version of the card was given out. A card that is saved stays so. */
export async function offerSamsung(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
  countryCode: string,
  now: number,
): Promise<void> {
  await change(context, memberId, (previous) =>
    previous?.state === 'saved'
      ? undefined
      : {
          memberId,
          version,
          fetched: version,
          state: 'offered',
          stateAt: utc(now),
          signedAt: previous?.signedAt ?? 0,
          countryCode: previous?.countryCode ?? countryCode,
          callback: previous?.callback ?? null,
        },
  );
}

/** What Samsung's server says of a card. */
export interface SamsungMessage {
  readonly memberId: MemberId;
  readonly state: Exclude<KeptState, 'offered'>;
  readonly signedAt: number;
  readonly countryCode: string;
  readonly callback: string | null;
}

/**
 * Notes what became of a card. What was signed before the newest message changes nothing, so neither a repeat
 * nor a late arrival does harm.
 * @returns the pass as it is now
 */
export function noteSamsungState(
  context: LedgerContext,
  message: SamsungMessage,
  now: number,
): Promise<SamsungPass | undefined> {
  return change(context, message.memberId, (previous) =>
    previous && previous.signedAt >= message.signedAt
      ? undefined
      : {
          ...message,
          version: previous?.version ?? 0,
          ...(previous?.fetched === undefined ? {} : { fetched: previous.fetched }),
          stateAt: utc(now),
        },
  );
}

/** Notes that Samsung fetched a version of the card; an older one than before changes nothing. */
export async function noteSamsungFetched(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
): Promise<void> {
  await change(context, memberId, (previous) =>
    !previous || (previous.fetched ?? 0) >= version ? undefined : { ...previous, fetched: version },
  );
}

/** Notes that Samsung was told of a version; never of an older one than it was told of already. */
export async function noteSamsungTold(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
): Promise<void> {
  await change(context, memberId, (previous) =>
    !previous || previous.version >= version ? undefined : { ...previous, version },
  );
}
