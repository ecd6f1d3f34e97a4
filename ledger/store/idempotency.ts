/**
 * At most one effect per caller, operation and key. The answer is stored in the very transaction that has the
 * effect, so a repeat finds either both or neither; refusals are stored the same way. There is no record of a
 * call being under way: of two at the same moment one commits, and the other finds its answer.
 */
import type { Account } from '../../core/account.ts';
import { canonicalJson } from '../../core/canonical.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { getOpenAccount, ifOpen, unavailable } from '../members/members.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from './context.ts';
import { fromItem, type IdempotencyRecord, keys, toItem } from './items.ts';
import type { Item, Write } from './store.ts';

const keptDays = 30;
const dayMs = 86_400_000;

/** An answer as it goes out, and again to whoever repeats the request. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface OnceKey {
  /** Names the caller, the operation and the key. */
  readonly hash: string;
  /** Of the content, in canonical form. */
  readonly fingerprint: string;
}

export function onceKey(
  context: LedgerContext,
  request: {
    readonly caller: string;
    readonly operation: string;
    readonly key: string;
    readonly content: unknown;
  },
): OnceKey {
  const { caller, operation, key, content } = request;
  return {
    hash: context.keyed('idempotency', canonicalJson([caller, operation, key])),
    fingerprint: context.keyed('idempotency content', canonicalJson(content)),
  };
}

/** What is to be answered and written; a refusal writes nothing of its own. */
export interface Decision {
  readonly answer: StoredAnswer;
  readonly writes: readonly Write[];
  /** Whom the answer tells about: it is then kept among what is theirs, and goes with it. */
  readonly about?: MemberId;
}

export type Once =
  | { readonly type: 'answered'; readonly answer: StoredAnswer; readonly replayed: boolean }
  /** The key was used for other content. */
  | { readonly type: 'mismatch' }
  /** The answer was about somebody who has left since. */
  | { readonly type: 'gone' };

/** What a decision is asked for with: its key, if any, and how its outcome is answered. */
export interface Given<T> {
  readonly once: OnceKey | undefined;
  readonly answer: (outcome: T) => StoredAnswer;
}

/** Decides without a key: there is nothing to repeat, and the outcome is given as it is. */
export async function outcomeOf<T>(decide: (given: Given<T>) => Promise<Once>): Promise<T> {
  const result = await decide({ once: undefined, answer: (body) => ({ status: 200, body }) });
  if (result.type !== 'answered') throw new Error('Without a key there is nothing to repeat.');
  return result.answer.body as T;
}

/**
 * Decides and commits, again when something it was decided on had changed. `decide` is given the items that
 * stood in the way of the last attempt, so that it need not read them again.
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: the same key is safe
 */
export async function decideOnce(
  context: LedgerContext,
  what: string,
  once: OnceKey | undefined,
  now: number,
  decide: (found: readonly Item[]) => Promise<Decision>,
): Promise<Once> {
  let found: Item[] = [];
  let replaced: IdempotencyRecord | undefined;
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const { answer, writes, about } = await decide(found);
    const record = once ? recordWrites(once, { answer, about }, replaced, now) : [];
    const all = [...record, ...writes];
    if (all.length === 0) return { type: 'answered', answer, replayed: false };
    const outcome = await context.store.transact(all);
    if (outcome.type === 'committed') return { type: 'answered', answer, replayed: false };
    if (outcome.type !== 'refused') throw unavailable(outcome, what);
    const standing = once && outcome.items.get(0);
    if (standing?.item === 'idempotency') {
      const first = fromItem(standing, 'idempotency');
      // What is past its time may not have been swept yet: then it is as if it were not there.
      if (Date.parse(first.expiresAt) > now) return replay(context, first, once);
      replaced = first;
    }
    found = [...outcome.items.values()].flatMap((item) => (item ? [item] : []));
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', what);
}

/**
 * What was answered to a key before; undefined where nothing was, and the request is to be carried out. For what
 * reaches beyond the ledger, which the writes of a decision cannot take back.
 */
export async function findOnce(
  context: LedgerContext,
  once: OnceKey | undefined,
  now: number,
): Promise<Once | undefined> {
  const item = once && (await context.store.get(keys.idempotency(once.hash)));
  if (!item) return undefined;
  const first = fromItem(item, 'idempotency');
  return Date.parse(first.expiresAt) > now ? replay(context, first, once) : undefined;
}

/** Keeps the answer to what is more than one transaction, and safe to repeat until its answer is kept. */
export async function answerOnce(
  context: LedgerContext,
  what: string,
  once: OnceKey | undefined,
  answer: StoredAnswer,
  now: number,
): Promise<Once> {
  return decideOnce(context, what, once, now, async () => ({ answer, writes: [] }));
}

async function replay(
  context: LedgerContext,
  first: IdempotencyRecord,
  once: OnceKey | undefined,
): Promise<Once> {
  if (first.fingerprint !== once?.fingerprint) return { type: 'mismatch' };
  if (first.about === undefined) return { type: 'answered', answer: first.answer, replayed: true };
  const item = await context.store.get(keys.answer(first.about, once.hash));
  if (!item) return { type: 'gone' };
  const { body } = fromItem(item, 'answer');
  return { type: 'answered', answer: { status: first.answer.status, body }, replayed: true };
}

/** The record first: whatever else stands in the way, it is asked before. */
function recordWrites(
  { hash, fingerprint }: OnceKey,
  { answer, about }: Pick<Decision, 'answer'> & { readonly about: MemberId | undefined },
  replaced: IdempotencyRecord | undefined,
  now: number,
): Write[] {
  const expires = now + keptDays * dayMs;
  const ttl = Math.floor(expires / 1000);
  const record: IdempotencyRecord = {
    fingerprint,
    answer: about === undefined ? answer : { status: answer.status, body: null },
    ...(about === undefined ? {} : { about }),
    expiresAt: utc(expires),
    revision: (replaced?.revision ?? 0) + 1,
  };
  const own = { body: answer.body };
  return [
    {
      put: toItem(keys.idempotency(hash), 'idempotency', record, ttl),
      if: replaced ? { kind: 'unchanged', field: 'revision', value: replaced.revision } : { kind: 'absent' },
    },
    ...(about === undefined ? [] : [{ put: toItem(keys.answer(about, hash), 'answer', own, ttl) }]),
  ];
}

/** A member's account: the one that stood in the way, or else read. */
export async function accountOf(
  context: LedgerContext,
  memberId: MemberId,
  found: readonly Item[],
): Promise<Account | undefined> {
  const item = found.find((one) => one.item === 'account');
  return item ? ifOpen(fromItem(item, 'account')) : getOpenAccount(context, memberId);
}
