/**
 * Points that operators give or take. Up to the programme's limit one operator decides alone; beyond it another one
 * has to approve. The entry says which adjustment it was, the adjustment says who and why.
 */
import type { Account, Entry } from '../../core/account.ts';
import type { AdjustmentId, MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { adjust } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { append } from '../members/append.ts';
import { accountOf } from '../members/members.ts';
import { type LedgerContext, newId } from '../store/context.ts';
import { decideOnce, type Once, type Reply } from '../store/idempotency.ts';
import {
  type Adjustment,
  type AdjustmentPlace,
  adjustmentPk,
  fromItem,
  keys,
  toItem,
} from '../store/items.ts';
import { absent, present, type Standing, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';
import { isPerson } from './credentials.ts';

/** An operator of whom it is known whose the key is. */
export interface Holder extends Operator {
  readonly holder: string;
}

export type Adjusted =
  | { readonly type: 'posted'; readonly entry: Entry }
  | { readonly type: 'waiting' | 'rejected'; readonly adjustment: Adjustment }
  | { readonly type: 'no_member' }
  | { readonly type: 'insufficient'; readonly available: number }
  | { readonly type: 'missing' }
  | { readonly type: 'closed'; readonly status: Adjustment['status'] }
  | { readonly type: 'second_needed' };

interface Decided {
  readonly outcome: Adjusted;
  readonly writes: readonly Write[];
}

const refused = (outcome: Adjusted): Decided => ({ outcome, writes: [] });

/** The entry of an adjustment and what is written with it; or why there can be none. */
function post(
  context: LedgerContext,
  program: Program,
  account: Account | undefined,
  wanted: Pick<Adjustment, 'adjustmentId' | 'points'>,
  now: number,
):
  | { type: 'planned'; entry: Entry; writes: readonly Write[] }
  | Extract<Adjusted, { type: 'no_member' | 'insufficient' }> {
  if (account?.status !== 'active') return { type: 'no_member' };
  const plan = adjust(program, account, wanted, now);
  if (plan.type === 'insufficient') return plan;
  const { entries, writes } = append(context, account, plan, now);
  const entry = entries.at(-1);
  if (!entry) throw new Error('An adjustment is an entry.');
  return { type: 'planned', entry, writes };
}

/**
 * Posts an adjustment, or leaves it to a second operator when it is beyond the programme's limit.
 * @throws LedgerUnavailable when the outcome is unknown: the same key is then safe
 */
export async function createAdjustment(
  context: LedgerContext,
  program: Program,
  wanted: {
    readonly memberId: MemberId;
    readonly points: number;
    readonly reason: string;
    readonly by: Holder;
  },
  reply: Reply<Adjusted>,
  now: number,
): Promise<Once> {
  const { memberId, points, reason, by } = wanted;
  const adjustmentId = newId(context, 'adjustment', now);
  const asked: Adjustment = {
    adjustmentId,
    status: 'waiting',
    memberId,
    points,
    reason,
    requestedBy: by.keyId,
    requestedAt: utc(now),
    holder: by.holder,
  };
  return decideOnce(context, `Adjusting ${memberId}`, reply.once, now, async ({ found }) => {
    const account = await accountOf(context, memberId, found);
    const posted = post(context, program, account, asked, now);
    if (posted.type !== 'planned') return { answer: reply.answer(posted), writes: [] };
    const waits = Math.abs(points) > program.grantLimit;
    const done = { action: waits ? 'request_adjustment' : 'adjust', subject: adjustmentId, reason };
    const audit = auditWrite(context, by, done, now);
    if (waits)
      return {
        answer: reply.answer({ type: 'waiting', adjustment: asked }),
        writes: [newAdjustment(asked, 'waiting'), audit],
      };
    const decided = decidedNow(asked, 'approved', by, undefined, posted.entry, now);
    return {
      answer: reply.answer({ type: 'posted', entry: posted.entry }),
      writes: [...posted.writes, newAdjustment(decided, 'decided'), audit],
    };
  });
}

function newAdjustment(adjustment: Adjustment, place: AdjustmentPlace): Write {
  const key = keys.adjustment(adjustment.adjustmentId, place);
  return { put: toItem(key, 'adjustment', adjustment), if: absent };
}

function decidedNow(
  asked: Adjustment,
  status: 'approved' | 'rejected',
  by: Operator,
  reason: string | undefined,
  entry: Entry | undefined,
  now: number,
): Adjustment {
  return {
    ...asked,
    status,
    decidedBy: by.keyId,
    decidedAt: utc(now),
    ...(reason === undefined ? {} : { decisionReason: reason }),
    ...(entry ? { entryId: entry.entryId } : {}),
  };
}

/**
 * Approves an adjustment that waits, which posts it, or rejects it. Only somebody else may approve; who asked for
 * it may well take it back.
 * @throws LedgerUnavailable when the outcome is unknown: the same key is then safe
 */
export async function decideAdjustment(
  context: LedgerContext,
  program: Program,
  wanted: {
    readonly adjustmentId: AdjustmentId;
    readonly decision: 'approve' | 'reject';
    readonly reason: string | undefined;
    readonly by: Holder;
  },
  reply: Reply<Adjusted>,
  now: number,
): Promise<Once> {
  return decideOnce(context, `Deciding ${wanted.adjustmentId}`, reply.once, now, async ({ found }) => {
    const { outcome, writes } = await decide(context, program, wanted, found, now);
    return { answer: reply.answer(outcome), writes };
  });
}

/**
 * Two people are meant, not two keys. A key of nobody who signed in does not say who has it, so that beside somebody who
 * did it is no second one: it may be that person's own.
 */
function areTwo(one: string, other: string): boolean {
  return one !== other && isPerson(one) === isPerson(other);
}

async function decide(
  context: LedgerContext,
  program: Program,
  { adjustmentId, decision, reason, by }: Parameters<typeof decideAdjustment>[2],
  found: Standing,
  now: number,
): Promise<Decided> {
  const waiting = await context.store.get(keys.adjustment(adjustmentId, 'waiting'));
  if (!waiting) {
    const closed = await context.store.get(keys.adjustment(adjustmentId, 'decided'));
    return refused(
      closed ? { type: 'closed', status: fromItem(closed, 'adjustment').status } : { type: 'missing' },
    );
  }
  const asked = fromItem(waiting, 'adjustment');
  const moved = (decided: Adjustment): Write[] => [
    { delete: keys.adjustment(adjustmentId, 'waiting'), if: present },
    newAdjustment(decided, 'decided'),
    auditWrite(
      context,
      by,
      { action: `${decision}_adjustment`, subject: adjustmentId, reason: reason ?? null },
      now,
    ),
  ];
  if (decision === 'reject') {
    const rejected = decidedNow(asked, 'rejected', by, reason, undefined, now);
    return { outcome: { type: 'rejected', adjustment: rejected }, writes: moved(rejected) };
  }
  if (!areTwo(asked.holder, by.holder)) return refused({ type: 'second_needed' });
  const account = await accountOf(context, asked.memberId, found);
  const posted = post(context, program, account, asked, now);
  if (posted.type !== 'planned') return refused(posted);
  const approved = decidedNow(asked, 'approved', by, reason, posted.entry, now);
  return {
    outcome: { type: 'posted', entry: posted.entry },
    writes: [...posted.writes, ...moved(approved)],
  };
}

/** A page of adjustments, newest first; `after` is the last id of the page before. */
export async function listAdjustments(
  context: LedgerContext,
  place: AdjustmentPlace,
  page: { readonly after?: string; readonly limit: number },
): Promise<Adjustment[]> {
  const items = await context.store.query(adjustmentPk(place), { prefix: '', descending: true, ...page });
  return items.map((item) => fromItem(item, 'adjustment'));
}
