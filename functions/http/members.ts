/** Members as channels and operators see them, and what became of purchases and refunds. */
import { Problem } from '../../core/contract/errors.ts';
import { channelOf, type MemberId, type PurchaseId, type RefundId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { Program } from '../../core/program.ts';
import {
  type Changed,
  changeProfileOnce,
  claimPurchaseOnce,
  currentId,
  type DuePlace,
  type Enrolled,
  enrolOnce,
  findOnce,
  findReferrer,
  getAccount,
  getMember,
  getPurchase,
  getRefund,
  liftContactHold,
  listEntries,
  type MaybeClaimed,
  type MergeOutcome,
  mergeMembersOnce,
  type RefundRecord,
  resolveMember,
  type StoredAnswer,
  unmergeMembersOnce,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { checkedPerson, withPhone } from '../kit/contact.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';

import { clientOf, foundByCode, guesserBehind } from '../kit/guesses.ts';
import {
  type Caller,
  onceAnswer,
  operatorOf,
  refusalOf,
  secondsUntil,
  seesAll,
  serve,
} from '../kit/serve.ts';

import { entryAnswer } from '../members/entries.ts';
import { explainEntry } from '../members/explain.ts';
import { goOnAt } from '../members/follow.ts';
import { memberAnswer, programOf, purchaseAnswer, unknownReferral } from '../members/present.ts';
import { getWallets } from '../members/wallets.ts';
import { quotePurchase } from '../spending/quotes.ts';

function alreadyMember(field: string): Problem {
  return new Problem('member_exists', undefined, [{ path: field, message: 'belongs to a member already' }]);
}

/** What another channel sold is answered like what does not exist. */
function mayRead(caller: Caller, id: PurchaseId | RefundId): boolean {
  return seesAll(caller) || (caller.role === 'channel' && caller.channel.id === channelOf(id));
}

async function memberOr404(deps: Deps, memberId: MemberId) {
  const member = await getMember(deps.ledger, memberId);
  if (!member) throw new Problem('not_found');
  return member;
}

function changeRefusal(outcome: Exclude<Changed, { type: 'changed' }>): Problem {
  switch (outcome.type) {
    case 'missing':
      return new Problem('not_found');
    case 'exists':
      return alreadyMember(outcome.field);
    case 'last_contact':
      return new Problem('last_contact', undefined, [
        { path: outcome.field, message: 'is the only way to reach the member: give another one first' },
      ]);
  }
}

function changeAnswer(deps: Deps, program: Program, outcome: Changed, requestId: string): StoredAnswer {
  if (outcome.type === 'changed') return { status: 200, body: memberAnswer(deps, program, outcome.member) };
  return refusalOf(changeRefusal(outcome), requestId);
}

/** @throws Problem for what no state of the ledger could make right */
function mergeRequest(
  into: MemberId,
  { from, reason }: { readonly from: MemberId; readonly reason?: string | undefined },
  caller: Caller,
) {
  if (from === into)
    throw new Problem('invalid_request', undefined, [
      { path: 'from', message: 'must be another member than the one in the path' },
    ]);
  return { into, from, operator: operatorOf(caller), reason };
}

function mergeAnswer(deps: Deps, program: Program, outcome: MergeOutcome, requestId: string): StoredAnswer {
  switch (outcome.type) {
    case 'done':
      return { status: 200, body: memberAnswer(deps, program, outcome.member) };
    case 'missing':
      return refusalOf(
        outcome.field === 'into'
          ? new Problem('not_found')
          : new Problem('invalid_request', undefined, [{ path: 'from', message: 'is not known' }]),
        requestId,
      );
    case 'refused':
      return refusalOf(new Problem('merge_refused', outcome.reason), requestId);
  }
}

function claimAnswer(outcome: MaybeClaimed, requestId: string, now: number): StoredAnswer {
  const refused = (problem: Problem) => refusalOf(problem, requestId);
  switch (outcome.type) {
    case 'claimed':
      return { status: 200, body: purchaseAnswer(outcome.record) };
    case 'missing':
      return refused(new Problem('not_found'));
    case 'no_member':
      return refused(
        new Problem('invalid_request', undefined, [{ path: 'member', message: 'is not known' }]),
      );
    case 'mismatch':
      return refused(
        new Problem('claim_mismatch', undefined, [
          { path: 'totalMinor', message: "is not the purchase's total" },
        ]),
      );
    case 'closed':
      return refused(new Problem('claim_closed', outcome.reason));
    case 'stopped': {
      const detail = `Ten wrong totals have come from here, or for this purchase: claiming is stopped until ${utc(outcome.until)}.`;
      // Thrown, since nothing of it is kept: the same request can be sent again then.
      throw new Problem('too_many_requests', detail, [], {
        retryAfterSeconds: secondsUntil(outcome.until, now),
      });
    }
  }
}

export const handler = serve('members', {
  explainEntry,
  quotePurchase,
  getWallets,

  async enrolMember({ body, caller, headers, once, requestId }, deps) {
    const { referralCode } = body;
    // Operators are not counted: they read whose code it is anyway.
    if (referralCode !== undefined && caller.role !== 'ops') {
      const before = await findOnce(deps.ledger, once, deps.now());
      if (before) return onceAnswer(before);
      const find = () => findReferrer(deps.ledger, referralCode);
      await foundByCode(deps, { caller, headers }, 'referral codes', find);
    }
    const program = await programOf(deps);
    let due: readonly DuePlace[] = [];
    const answer = (outcome: Enrolled): StoredAnswer => {
      if (outcome.type === 'enrolled') {
        due = outcome.due;
        return { status: 201, body: memberAnswer(deps, program, outcome.member) };
      }
      const refusal = outcome.type === 'exists' ? alreadyMember(outcome.field) : unknownReferral();
      return refusalOf(refusal, requestId);
    };
    const given = { once, answer };
    const now = deps.now();
    const outcome = await enrolOnce(deps.ledger, program, checkedPerson(body, now), given, now);
    await goOnAt(deps, ...due);
    return onceAnswer(outcome);
  },

  async findMembers({ query }, deps) {
    const memberId = await resolveMember(deps.ledger, withPhone(query));
    const member = memberId && (await getMember(deps.ledger, memberId));
    const items = member ? [memberAnswer(deps, await programOf(deps), member)] : [];
    return { status: 200, body: { items } };
  },

  async getMember({ params }, deps) {
    const member = await memberOr404(deps, params.memberId);
    return { status: 200, body: memberAnswer(deps, await programOf(deps), member) };
  },

  async changeMember({ params, body, once, requestId }, deps) {
    const program = await programOf(deps);
    const { memberId } = params;
    let due: readonly DuePlace[] = [];
    const answer = (outcome: Changed): StoredAnswer => {
      if (outcome.type === 'changed') due = outcome.due;
      return changeAnswer(deps, program, outcome, requestId);
    };
    const now = deps.now();
    const change = checkedPerson(body, now);
    const changed = await changeProfileOnce(deps.ledger, program, memberId, change, { once, answer }, now);
    await goOnAt(deps, ...due);
    return onceAnswer(changed);
  },

  async liftContactHold({ params, body, caller, once, requestId }, deps) {
    const program = await programOf(deps);
    const given = { once, answer: (outcome: Changed) => changeAnswer(deps, program, outcome, requestId) };
    const by = { operator: operatorOf(caller), reason: body.reason };
    return onceAnswer(await liftContactHold(deps.ledger, params.memberId, by, given, deps.now()));
  },

  async mergeMember({ params, body, caller, once, requestId }, deps) {
    const program = await programOf(deps);
    const request = mergeRequest(params.memberId, body, caller);
    const given = { once, answer: (outcome: MergeOutcome) => mergeAnswer(deps, program, outcome, requestId) };
    return onceAnswer(await mergeMembersOnce(deps.ledger, program, request, given, deps.now()));
  },

  async unmergeMember({ params, body, caller, once, requestId }, deps) {
    const program = await programOf(deps);
    const request = mergeRequest(params.memberId, body, caller);
    const given = { once, answer: (outcome: MergeOutcome) => mergeAnswer(deps, program, outcome, requestId) };
    return onceAnswer(await unmergeMembersOnce(deps.ledger, program, request, given, deps.now()));
  },

  async listEntries({ params, query, caller }, deps) {
    const { memberId } = params;
    const account = await getAccount(deps.ledger, memberId);
    // Of who has left the entries stay, under a name that says nothing: for those who keep the books.
    if (!account || (account.status === 'closed' && !seesAll(caller))) throw new Problem('not_found');
    const list = `entries ${memberId}`;
    const after = decodeCursor(deps, list, query.cursor);
    const page = await listEntries(deps.ledger, memberId, {
      limit: query.limit,
      ...(after === undefined ? {} : { before: Number(after) }),
    });
    const last = page.at(-1);
    const more = last !== undefined && last.sequence > 1;
    return {
      status: 200,
      body: {
        items: page.map(entryAnswer),
        cursor: more ? encodeCursor(deps, list, String(last.sequence)) : null,
      },
    };
  },

  async getPurchase({ params, caller }, deps) {
    const record = mayRead(caller, params.purchaseId) && (await getPurchase(deps.ledger, params.purchaseId));
    if (!record) throw new Problem('not_found');
    const owner = record.memberId && (await currentId(deps.ledger, record.memberId));
    return { status: 200, body: purchaseAnswer(record, owner) };
  },

  async claimPurchase({ params, body, caller, headers, once, requestId }, deps) {
    const { purchaseId } = params;
    if (!mayRead(caller, purchaseId)) throw new Problem('not_found');
    const claim = { ...body, member: withPhone(body.member, 'member.phone') };
    const now = deps.now();
    const answer = (outcome: MaybeClaimed) => claimAnswer(outcome, requestId, now);
    const program = await programOf(deps);
    const given = { once, answer };
    const who = clientOf(headers) ?? { member: claim.member };
    // Operators read the total anyway, and help whoever was stopped.
    const guesser = caller.role === 'ops' ? undefined : guesserBehind(deps, caller, 'totals', who);
    return onceAnswer(await claimPurchaseOnce(deps.ledger, program, purchaseId, claim, given, now, guesser));
  },

  async getRefund({ params, caller }, deps) {
    const record = mayRead(caller, params.refundId) && (await getRefund(deps.ledger, params.refundId));
    if (!record) throw new Problem('not_found');
    const { refundId, clawedBack, debt } = record;
    const status = shownStatus(caller, record);
    return { status: 200, body: { refundId, status, points: { clawedBack, debt } } };
  },
});

/**
 * Whether a purchase of another channel is there is not for whoever guesses its id: until a refund of it is applied, it
 * waits, as it would for one that has not come.
 */
function shownStatus(
  caller: Caller,
  { status, refund: { purchaseId } }: RefundRecord,
): RefundRecord['status'] {
  const isElsewhere = purchaseId !== undefined && !mayRead(caller, purchaseId);
  return isElsewhere && status !== 'applied' ? 'waiting' : status;
}
