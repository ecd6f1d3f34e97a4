/** Members whose card is in Samsung Wallet, what became of it there, and what Samsung was told of. */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { listenWrites } from '../members/listeners.ts';
import { getCardAccount } from '../members/members.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { fromItem, type KeptState, keys, type SamsungPass, toItem } from '../store/items.ts';
import { asRead } from '../store/store.ts';
import { holderWrites } from './holders.ts';

export async function getSamsungPass(
  context: LedgerContext,
  memberId: MemberId,
): Promise<SamsungPass | undefined> {
  const item = await context.store.get(keys.samsungPass(memberId));
  return item && fromItem(item, 'samsungPass');
}

/** Changes a pass by what `change` makes of it, again whenever somebody else was faster. */
async function note(
  context: LedgerContext,
  memberId: MemberId,
  change: (previous: SamsungPass | undefined) => Omit<SamsungPass, 'revision'> | undefined,
): Promise<SamsungPass | undefined> {
  return decide<SamsungPass | undefined>(context, 'Noting a Samsung card', async () => {
    const previous = await getSamsungPass(context, memberId);
    const changed = change(previous);
    if (!changed) return { result: previous, writes: [] };
    const pass: SamsungPass = { ...changed, revision: (previous?.revision ?? 0) + 1 };
    const account = previous ? undefined : await getCardAccount(context, memberId);
    return {
      result: pass,
      writes: [
        { put: toItem(keys.samsungPass(memberId), 'samsungPass', pass), if: asRead(previous) },
        ...holderWrites(previous, memberId),
        ...(account ? listenWrites(account, 'samsung-update') : []),
      ],
    };
  });
}

/** Notes that a link with a version of the card was given out. A card that is saved stays so. */
export async function offerSamsung(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
  countryCode: string,
  now: number,
): Promise<void> {
  await note(context, memberId, (previous) =>
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
  return note(context, message.memberId, (previous) =>
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
  await note(context, memberId, (previous) =>
    !previous || (previous.fetched ?? 0) >= version ? undefined : { ...previous, fetched: version },
  );
}

/** Notes that Samsung was told of a version; never of an older one than it was told of already. */
export async function noteSamsungTold(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
): Promise<void> {
  await note(context, memberId, (previous) =>
    !previous || previous.version >= version ? undefined : { ...previous, version },
  );
}
