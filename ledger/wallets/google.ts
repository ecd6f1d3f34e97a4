/** What Google is known to show: the programme's class, and each member's object with what became of it. */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { listenWrites } from '../members/listeners.ts';
import { getCardAccount } from '../members/members.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit, decide } from '../store/decide.ts';
import { fromItem, type GoogleClass, type GooglePass, type KeptState, keys, toItem } from '../store/items.ts';
import { absent, asRead, type Write } from '../store/store.ts';
import { holderWrites } from './holders.ts';

export async function getGooglePass(
  context: LedgerContext,
  memberId: MemberId,
): Promise<GooglePass | undefined> {
  const item = await context.store.get(keys.googlePass(memberId));
  return item && fromItem(item, 'googlePass');
}

function putPass(previous: GooglePass | undefined, pass: Omit<GooglePass, 'revision'>): Write {
  const next: GooglePass = { ...pass, revision: (previous?.revision ?? 0) + 1 };
  return { put: toItem(keys.googlePass(pass.memberId), 'googlePass', next), if: asRead(previous) };
}

/**
 * Notes that Google's object shows a version. Refused when something else was noted since `previous` was
 * read: then Google may show the older of the two, and the caller has to send the newest again.
 */
export async function noteGooglePass(
  context: LedgerContext,
  previous: GooglePass | undefined,
  pass: Omit<GooglePass, 'revision'>,
): Promise<'noted' | 'overtaken'> {
  const writes = [putPass(previous, pass), ...holderWrites(previous, pass.memberId)];
  return (await commit(context, 'Noting a Google object', writes)) ? 'overtaken' : 'noted';
}

/** What a link says that is given out. */
export interface GoogleOffer extends Pick<GooglePass, 'memberId' | 'objectId' | 'version'> {
  /** Whether all of the card is in it; else the rest is sent once it was used. */
  readonly isWhole: boolean;
}

/**
 * Notes that a link was given out. Of several links that nobody has used the oldest counts, since nobody knows which
 * will be; of an object that Google has a link changes nothing but that its member wants it again.
 * @returns false for somebody who has left
 */
export async function offerGoogle(
  context: LedgerContext,
  { isWhole, ...offer }: GoogleOffer,
  now: number,
): Promise<boolean> {
  const { memberId, objectId } = offer;
  return decide(context, 'Offering a Google object', async () => {
    const previous = await getGooglePass(context, memberId);
    const account = await getCardAccount(context, memberId);
    if (!account) return { result: false, writes: [] };
    const stand = { state: 'offered' as const, stateAt: utc(now) };
    const isKnown = previous?.objectId === objectId;
    if (isKnown && previous.state !== 'deleted' && (isWhole || !previous.unused || previous.doubted))
      return { result: true, writes: [] };
    const { notices = [], messageUntil = 0 } = previous ?? {};
    const first = { ...offer, ...stand, doubted: !isWhole, notices, messageUntil, unused: true as const };
    const again = previous && { ...previous, ...stand, doubted: previous.doubted || !isWhole };
    const pass = isKnown && again ? again : first;
    const holder = holderWrites(previous, memberId);
    return {
      result: true,
      writes: [putPass(previous, pass), ...holder, ...listenWrites(account, 'google-update')],
    };
  });
}

/** Notes that Google may show something older than what is noted, so that the next update is sent in any case. */
export async function doubtGooglePass(context: LedgerContext, memberId: MemberId): Promise<void> {
  await decide(context, 'Doubting a Google object', async () => {
    const previous = await getGooglePass(context, memberId);
    return {
      result: undefined,
      writes: previous ? [putPass(previous, { ...previous, doubted: true })] : [],
    };
  });
}

/** A verified message of Google's. */
export interface GoogleMessage {
  readonly memberId: MemberId;
  readonly state: Exclude<KeptState, 'offered'>;
  readonly nonce: string;
  /** Epoch milliseconds: when the message expires. Later messages expire later. */
  readonly until: number;
}

/** A nonce is kept a day longer than its message could be used. */
const nonceMarginSeconds = 86_400;

/**
 * Notes what Google says became of a card. A message is taken once, by its nonce, and one that comes after a
 * newer one changes nothing.
 * @returns the pass as it is then; undefined when the member has none
 */
export async function noteGoogleState(
  context: LedgerContext,
  { memberId, state, nonce, until }: GoogleMessage,
  now: number,
): Promise<GooglePass | undefined> {
  const ttl = Math.floor(until / 1000) + nonceMarginSeconds;
  const taken = keys.nonce('google', context.sha256(nonce));
  const once: Write = { put: toItem(taken, 'nonce', { at: utc(now) }, ttl), if: absent };
  return decide<GooglePass | undefined>(context, 'Noting what Google says', async ({ found }) => {
    const previous = await getGooglePass(context, memberId);
    if (!previous || found.has(taken)) return { result: previous, writes: [] };
    const isNews = until > previous.messageUntil;
    // Whatever became of it, the link was used.
    const { unused: _, ...used } = previous;
    const pass = isNews ? { ...used, state, stateAt: utc(now), messageUntil: until } : previous;
    return { result: pass, writes: [once, ...(isNews ? [putPass(previous, pass)] : [])] };
  });
}

export async function getGoogleClass(context: LedgerContext): Promise<GoogleClass | undefined> {
  const item = await context.store.get(keys.googleClass);
  return item && fromItem(item, 'googleClass');
}

/** Notes what the class was written with; refused when another writer noted something since it was read. */
export async function noteGoogleClass(
  context: LedgerContext,
  previous: GoogleClass | undefined,
  hash: string,
): Promise<'noted' | 'overtaken'> {
  const next: GoogleClass = { hash, revision: (previous?.revision ?? 0) + 1 };
  const put = { put: toItem(keys.googleClass, 'googleClass', next), if: asRead(previous) };
  return (await commit(context, 'Noting the Google class', [put])) ? 'overtaken' : 'noted';
}
