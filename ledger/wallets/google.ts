/** What Google is known to show: the programme's class, and each member's object with what became of it. */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { unavailable } from '../members/members.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { fromItem, type GoogleClass, type GooglePass, type KeptState, keys, toItem } from '../store/items.ts';
import type { Condition, Write } from '../store/store.ts';
import { holderWrites } from './holders.ts';

export async function getGooglePass(
  context: LedgerContext,
  memberId: MemberId,
): Promise<GooglePass | undefined> {
  const item = await context.store.get(keys.googlePass(memberId));
  return item && fromItem(item, 'googlePass');
}

/** The condition that nobody has written since this was read. */
function unwritten(previous: { readonly revision: number } | undefined): Condition {
  return previous ? { kind: 'unchanged', field: 'revision', value: previous.revision } : { kind: 'absent' };
}

function putPass(previous: GooglePass | undefined, pass: Omit<GooglePass, 'revision'>): Write {
  const next: GooglePass = { ...pass, revision: (previous?.revision ?? 0) + 1 };
  return { put: toItem(keys.googlePass(pass.memberId), 'googlePass', next), if: unwritten(previous) };
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
  const outcome = await context.store.transact([
    putPass(previous, pass),
    ...holderWrites(previous, pass.memberId),
  ]);
  if (outcome.type === 'committed') return 'noted';
  if (outcome.type === 'refused') return 'overtaken';
  throw unavailable(outcome, 'Noting a Google object');
}

/** Notes that Google may show something older than what is noted, so that the next update is sent in any case. */
export async function doubtGooglePass(context: LedgerContext, memberId: MemberId): Promise<void> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const previous = await getGooglePass(context, memberId);
    if (!previous) return;
    if ((await noteGooglePass(context, previous, { ...previous, doubted: true })) === 'noted') return;
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', 'Doubting a Google object');
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
  const once: Write = {
    put: toItem(keys.nonce('google', context.sha256(nonce)), 'nonce', { at: utc(now) }, ttl),
    if: { kind: 'absent' },
  };
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const previous = await getGooglePass(context, memberId);
    if (!previous) return undefined;
    const isNews = until > previous.messageUntil;
    const pass = isNews ? { ...previous, state, stateAt: utc(now), messageUntil: until } : previous;
    const outcome = await context.store.transact([once, ...(isNews ? [putPass(previous, pass)] : [])]);
    if (outcome.type === 'committed') return pass;
    if (outcome.type !== 'refused') throw unavailable(outcome, 'Noting what Google says');
    if (outcome.items.has(0)) return previous;
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', 'Noting what Google says');
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
  const outcome = await context.store.transact([
    { put: toItem(keys.googleClass, 'googleClass', next), if: unwritten(previous) },
  ]);
  if (outcome.type === 'committed') return 'noted';
  if (outcome.type === 'refused') return 'overtaken';
  throw unavailable(outcome, 'Noting the Google class');
}
