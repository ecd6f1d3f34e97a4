/**
 * At most one effect per caller, operation and key. The answer is stored in the very transaction that has the
 * effect, so a repeat finds either both or neither; refusals are stored the same way. There is no record of a
 * call being under way: of two at the same moment one commits, and the other finds its answer.
 */
import { canonicalJson } from '../../core/canonical.ts';
import { type ErrorCode, errors } from '../../core/contract/errors.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from './context.ts';
import { type Attempt, decide } from './decide.ts';
import { fromItem, type IdempotencyRecord, keys, toItem } from './items.ts';
import { asRead, type Write } from './store.ts';

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

/** How a decision is replied to: the key that it was asked for with, if any, and what answers its outcome. */
export interface Reply<T> {
  readonly once: OnceKey | undefined;
  readonly answer: (outcome: T) => StoredAnswer;
}

/** Decides without a key: there is nothing to repeat, and the outcome is given as it is. */
export async function outcomeOf<T>(ask: (reply: Reply<T>) => Promise<Once>): Promise<T> {
  const result = await ask({ once: undefined, answer: (body) => ({ status: 200, body }) });
  if (result.type !== 'answered') throw new Error('Without a key there is nothing to repeat.');
  return result.answer.body as T;
}

/**
 * Whether an answer is kept with its key. A refusal that passes by itself (operators have paused redemptions, say) is
 * not: the same request, with the same key, is to be asked again then.
 */
function isKept({ status, body }: StoredAnswer): boolean {
  if (status < 400) return true;
  const code = (body as { readonly code?: ErrorCode } | null)?.code;
  return code === undefined || errors[code].retry === 'no';
}

/**
 * Decides and commits with the answer, which is then the answer to every repeat of the key.
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: the same key is safe
 */
export async function decideOnce(
  context: LedgerContext,
  what: string,
  once: OnceKey | undefined,
  now: number,
  attempt: (attempt: Attempt) => Promise<Decision>,
): Promise<Once> {
  return decide<Once>(context, what, async (tried) => {
    const item = once && tried.found.at(keys.idempotency(once.hash));
    const before = item && fromItem(item, 'idempotency');
    const first = before && (await replayOf(context, before, once, now));
    if (first) return { result: first, writes: [] };
    const { answer, writes, about } = await attempt(tried);
    const result: Once = { type: 'answered', answer, replayed: false };
    if (!once) return { result, writes };
    if (isKept(answer))
      return { result, writes: [...recordWrites(once, { answer, about }, before, now), ...writes] };
    // What is not kept does not run into what was: a key that was answered is answered so again.
    return { result: (await findOnce(context, once, now)) ?? result, writes };
  });
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
  return item && replayOf(context, fromItem(item, 'idempotency'), once, now);
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

/**
 * The first answer, as it is to be given again. Undefined where it is past its time, since what was not swept yet is
 * as if it were not there; or where it is a refusal of a kind that is not kept.
 */
async function replayOf(
  context: LedgerContext,
  first: IdempotencyRecord,
  once: OnceKey | undefined,
  now: number,
): Promise<Once | undefined> {
  if (Date.parse(first.expiresAt) <= now || !isKept(first.answer)) return undefined;
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
      if: asRead(replaced),
    },
    ...(about === undefined ? [] : [{ put: toItem(keys.answer(about, hash), 'answer', own, ttl) }]),
  ];
}
