/** Spending points: rewards, redemptions and vouchers. */
import { Problem } from '../../core/contract/errors.ts';
import { type ChannelId, channelOf as ofChannel, type PurchaseId } from '../../core/contract/ids.ts';
import type { RedemptionAnswer } from '../../core/contract/shapes/redemption.ts';
import type { VoucherAnswer } from '../../core/contract/shapes/voucher.ts';
import type { Program } from '../../core/program.ts';
import { speak } from '../../core/program-texts.ts';
import type { Reward } from '../../core/redemptions.ts';
import { discountOf } from '../../core/vouchers.ts';
import {
  createRedemption,
  endRedemption,
  findOnce,
  findVoucher,
  getMember,
  giveVoucher,
  listVouchers,
  promisedBy,
  type Redeemed,
  type RedemptionEnded,
  type RedemptionState,
  readRedemption,
  readTally,
  revokeVoucher,
  rewardOf,
  type StoredAnswer,
  useVoucher,
  type Voucher,
  type VoucherOutcome,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { withPhone } from '../kit/contact.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { foundByCode } from '../kit/guesses.ts';
import { purchaseIdAt } from '../kit/references.ts';
import {
  type Caller,
  type HttpRequest,
  onceAnswer,
  operatorOf,
  refusalOf,
  secondsUntil,
  seesAll,
  serve,
} from '../kit/serve.ts';
import { programOf } from '../members/present.ts';

function channelOf(caller: Caller): ChannelId | null {
  return caller.role === 'channel' ? caller.channel.id : null;
}

/**
 * The purchase that a till means: its own id, or the id with the channel before it. Points are spent where one pays: on
 * another channel's purchase nothing is, so that nobody learns which there are.
 */
async function purchaseIdOf(
  caller: Caller,
  id: string | undefined,
  { channels }: Deps,
): Promise<PurchaseId | null> {
  if (id === undefined) return null;
  const channel = channelOf(caller);
  const purchaseId = purchaseIdAt('purchaseId', channel, id, await channels());
  if (channel !== null && ofChannel(purchaseId) !== channel)
    throw new Problem('invalid_request', undefined, [
      {
        path: 'purchaseId',
        message: `must be a purchase of ${channel}, the channel whose key this is`,
      },
    ]);
  return purchaseId;
}

// Answers -----------------------------------------------------------------------------------------------------

function termsOf(program: Program, reward: Reward) {
  const { id, name, type, minimumMinor, channels: usable } = reward;
  return {
    rewardId: id,
    name: speak(program)(name),
    type,
    ...(reward.type === 'amount' ? { valueMinor: reward.valueMinor, currency: reward.currency } : {}),
    ...('percent' in reward && reward.percent !== undefined ? { percent: reward.percent } : {}),
    ...(reward.type === 'gift' ? { sku: reward.sku } : {}),
    ...(reward.type === 'bundle' ? { rewards: [...reward.rewards] } : {}),
    ...(minimumMinor === undefined ? {} : { minimumMinor }),
    ...(usable === undefined ? {} : { channels: usable }),
  };
}

/** @throws Error when the voucher's programme does not hold its reward: the two are written together */
function voucherAnswer(
  program: Program,
  voucher: Voucher,
  reward: Reward | undefined,
  now: number,
): VoucherAnswer {
  if (!reward) throw new Error(`The reward of ${voucher.voucherId} is not in its programme.`);
  const { voucherId, code, memberId, uses, usesMax, issuedAt, expiresAt } = voucher;
  const isOver = voucher.status === 'issued' && expiresAt !== null && Date.parse(expiresAt) <= now;
  return {
    voucherId,
    code,
    status: isOver ? 'expired' : voucher.status,
    memberId,
    ...termsOf(program, reward),
    uses,
    usesMax,
    issuedAt,
    expiresAt,
  };
}

/**
 * A redemption with what came of it. Whether that is one voucher or a bundle's follows from the reward as it was promised.
 * @param terms the programme that promised it; not needed where there is no voucher
 */
function redemptionAnswer(
  program: Program,
  state: RedemptionState,
  terms: Program | undefined,
  now: number,
): RedemptionAnswer {
  const { record, status } = state;
  const { redemptionId, memberId, rewardId, points, expiresAt } = record;
  const vouchers = state.vouchers.map((voucher) =>
    voucherAnswer(program, voucher, terms && rewardIn(terms, voucher.rewardId), now),
  );
  const [voucher] = vouchers;
  const isBundle = terms !== undefined && rewardIn(terms, rewardId)?.type === 'bundle';
  return {
    redemptionId,
    status,
    memberId,
    rewardId,
    points,
    ...(voucher ? (isBundle ? { vouchers } : { voucher }) : {}),
    ...(status === 'authorized' && expiresAt !== null ? { expiresAt } : {}),
  };
}

function unknownMember(): Problem {
  return new Problem('invalid_request', undefined, [{ path: 'member', message: 'is not known' }]);
}

function unconfirmed(): Problem {
  return new Problem(
    'confirmation_required',
    'The member joined by the public page and has not used the link that was sent: the card can send another one.',
  );
}

function rewardIn(program: Program, rewardId: string): Reward | undefined {
  return program.rewards.find(({ id }) => id === rewardId);
}

function redeemedAnswer(program: Program, outcome: Redeemed, requestId: string, now: number): StoredAnswer {
  const refused = (problem: Problem) => refusalOf(problem, requestId);
  switch (outcome.type) {
    case 'done':
      return {
        status: 201,
        body: redemptionAnswer(program, outcome, program, now),
      };
    case 'paused':
      return refused(new Problem('redemptions_paused'));
    case 'unconfirmed':
      return refused(unconfirmed());
    case 'no_member':
      return refused(unknownMember());
    case 'unavailable':
      return refused(new Problem('reward_unavailable', outcome.reason));
    case 'held':
      return refused(
        new Problem(
          'points_held',
          `An e-mail or phone was changed: ${outcome.hold.keeps} points have to stay until ${outcome.hold.until}.`,
        ),
      );
    case 'insufficient':
      return refused(
        new Problem(
          'insufficient_points',
          `The reward costs ${outcome.needed} points; ${outcome.available} can be spent.`,
        ),
      );
  }
}

// Vouchers by their codes --------------------------------------------------------------------------------------

/** @throws Problem `not_found`, or `too_many_requests` after too many wrong ones */
async function voucherOfCode(
  deps: Deps,
  request: Pick<HttpRequest<'getVoucher'>, 'caller' | 'headers' | 'params'>,
): Promise<Voucher> {
  const find = () => findVoucher(deps.ledger, request.params.code);
  const voucher = await foundByCode(deps, request, 'codes', find);
  if (!voucher) throw new Problem('not_found', 'No voucher has this code.');
  return voucher;
}

function voucherOutcomeAnswer(
  outcome: VoucherOutcome,
  requestId: string,
  done: (voucher: Voucher, reward: Reward | undefined) => unknown,
): StoredAnswer {
  switch (outcome.type) {
    case 'done':
      return { status: 200, body: done(outcome.voucher, outcome.reward) };
    case 'missing':
      return refusalOf(new Problem('not_found'), requestId);
    case 'paused':
      return refusalOf(new Problem('redemptions_paused'), requestId);
    case 'unconfirmed':
      return refusalOf(unconfirmed(), requestId);
    case 'refused':
      return refusalOf(new Problem(outcome.refusal.code, outcome.refusal.reason), requestId);
  }
}

export const handler = serve('redemptions', {
  async createRedemption({ body, caller, once, requestId }, deps) {
    const program = await programOf(deps);
    const now = deps.now();
    const request = {
      ...body,
      member: withPhone(body.member, 'member.phone'),
      purchaseId: await purchaseIdOf(caller, body.purchaseId, deps),
      channel: channelOf(caller),
      paused: await deps.redemptionsPaused(),
    };
    let heldUntil: string | undefined;
    const answer = (outcome: Redeemed) => {
      heldUntil = outcome.type === 'held' ? outcome.hold.until : undefined;
      return redeemedAnswer(program, outcome, requestId, now);
    };
    const answered = onceAnswer(await createRedemption(deps.ledger, program, request, { once, answer }, now));
    if (heldUntil === undefined || answered.status < 400) return answered;
    const seconds = String(secondsUntil(Date.parse(heldUntil), now));
    return { ...answered, headers: { ...answered.headers, 'retry-after': seconds } };
  },

  async getRedemption({ params, caller }, deps) {
    const program = await programOf(deps);
    const now = deps.now();
    const mayUse = (record: RedemptionState['record']) => isOwn(caller, record);
    const state = await readRedemption(deps.ledger, params.redemptionId, now, mayUse);
    if (!state) throw new Problem('not_found');
    const terms = await promisedBy(deps.ledger, program, state.record);
    return { status: 200, body: redemptionAnswer(program, state, terms, now) };
  },

  async captureRedemption({ params, caller, once, requestId }, deps) {
    return end(deps, { ...params, end: 'capture' }, caller, once, requestId);
  },

  async cancelRedemption({ params, caller, once, requestId }, deps) {
    return end(deps, { ...params, end: 'cancel' }, caller, once, requestId);
  },

  async listRewards(_request, deps) {
    const program = await programOf(deps);
    const items = await Promise.all(program.rewards.map((reward) => rewardEntry(deps, program, reward)));
    return { status: 200, body: { items } };
  },

  async listVouchers({ params, query }, deps) {
    const { memberId } = params;
    if (!(await getMember(deps.ledger, memberId))) throw new Problem('not_found');
    const program = await programOf(deps);
    const list = `vouchers ${memberId}`;
    const after = decodeCursor(deps, list, query.cursor);
    const vouchers = await listVouchers(deps.ledger, memberId, {
      limit: query.limit,
      ...(after === undefined ? {} : { after: after as Voucher['voucherId'] }),
    });
    const items = await Promise.all(
      vouchers.map(async (voucher) =>
        voucherAnswer(program, voucher, await rewardOf(deps.ledger, program, voucher), deps.now()),
      ),
    );
    const last = vouchers.at(-1);
    const more = last && vouchers.length === query.limit;
    return {
      status: 200,
      body: { items, cursor: more ? encodeCursor(deps, list, last.voucherId) : null },
    };
  },

  async getVoucher(request, deps) {
    const voucher = await voucherOfCode(deps, request);
    const program = await programOf(deps);
    const reward = await rewardOf(deps.ledger, program, voucher);
    return { status: 200, body: voucherAnswer(program, voucher, reward, deps.now()) };
  },

  async redeemVoucher(request, deps) {
    const { body, caller, once, requestId } = request;
    const before = await findOnce(deps.ledger, once, deps.now());
    if (before) return onceAnswer(before);
    const voucher = await voucherOfCode(deps, request);
    const program = await programOf(deps);
    const now = deps.now();
    const wanted = {
      voucher,
      channel: channelOf(caller),
      purchaseId: await purchaseIdOf(caller, body.purchaseId, deps),
      amountMinor: body.amountMinor,
      currency: body.currency,
      paused: await deps.redemptionsPaused(),
    };
    const done = (used: Voucher, reward: Reward | undefined) => {
      const discountMinor =
        reward && body.amountMinor !== undefined ? discountOf(reward, body.amountMinor) : undefined;
      return {
        ...voucherAnswer(program, used, reward, now),
        ...(discountMinor === undefined ? {} : { discountMinor }),
      };
    };
    const answer = (outcome: VoucherOutcome) => voucherOutcomeAnswer(outcome, requestId, done);
    return onceAnswer(await useVoucher(deps.ledger, program, wanted, { once, answer }, now));
  },

  async issueVoucher({ body, caller, once, requestId }, deps) {
    const program = await programOf(deps);
    const now = deps.now();
    const wanted = {
      ...body,
      member: withPhone(body.member, 'member.phone'),
      operator: operatorOf(caller),
    };
    const given = await giveVoucher(
      deps.ledger,
      program,
      wanted,
      {
        once,
        answer: (outcome) => {
          if (outcome.type === 'done')
            return { status: 201, body: voucherAnswer(program, outcome.voucher, outcome.reward, now) };
          if (outcome.type === 'no_member') return refusalOf(unknownMember(), requestId);
          return refusalOf(new Problem('reward_unavailable', outcome.reason), requestId);
        },
      },
      now,
    );
    return onceAnswer(given);
  },

  async revokeVoucher(request, deps) {
    const { body, caller, once, requestId } = request;
    const before = await findOnce(deps.ledger, once, deps.now());
    if (before) return onceAnswer(before);
    const voucher = await voucherOfCode(deps, request);
    const program = await programOf(deps);
    const now = deps.now();
    const wanted = { voucher, operator: operatorOf(caller), reason: body.reason };
    const done = (revoked: Voucher, reward: Reward | undefined) =>
      voucherAnswer(program, revoked, reward, now);
    const answer = (outcome: VoucherOutcome) => voucherOutcomeAnswer(outcome, requestId, done);
    return onceAnswer(await revokeVoucher(deps.ledger, program, wanted, { once, answer }, now));
  },
});

/** What another channel has redeemed is answered like what does not exist. */
function isOwn(caller: Caller, record: RedemptionState['record']): boolean {
  return seesAll(caller) || (caller.role === 'channel' && caller.channel.id === record.channel);
}

async function end(
  deps: Deps,
  wanted: {
    readonly redemptionId: RedemptionState['record']['redemptionId'];
    readonly end: 'capture' | 'cancel';
  },
  caller: Caller,
  once: Parameters<typeof endRedemption>[3]['once'],
  requestId: string,
) {
  const program = await programOf(deps);
  const now = deps.now();
  const answer = (outcome: RedemptionEnded): StoredAnswer => {
    switch (outcome.type) {
      case 'done':
        return { status: 200, body: redemptionAnswer(program, outcome, outcome.terms, now) };
      case 'missing':
        return refusalOf(new Problem('not_found'), requestId);
      case 'closed':
        return refusalOf(
          new Problem('redemption_closed', outcome.reason ?? `The redemption is ${outcome.status}.`),
          requestId,
        );
    }
  };
  const mayUse = (record: RedemptionState['record']) => isOwn(caller, record);
  const ended = await endRedemption(deps.ledger, program, { ...wanted, mayUse }, { once, answer }, now);
  return onceAnswer(ended);
}

/** A reward as the catalogue shows it. */
async function rewardEntry(deps: Deps, program: Program, reward: Reward) {
  const { points, tier, validDays, from, to, limit, limitPerMember } = reward;
  const isCounted = limit !== undefined || reward.type === 'donation';
  const total = isCounted ? await readTally(deps.ledger, reward.id) : { count: 0, points: 0 };
  return {
    ...termsOf(program, reward),
    points,
    ...(tier === undefined ? {} : { tier }),
    ...(validDays === undefined ? {} : { validDays }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(limit === undefined ? {} : { limit, left: Math.max(0, limit - total.count) }),
    ...(limitPerMember === undefined ? {} : { limitPerMember }),
    ...(reward.type === 'donation' ? { donated: total.points } : {}),
  };
}
