/**
 * The one table of HTTP operations. Validation, the API Gateway routes, the functions' rights and the
 * OpenAPI document are all made from it; a route that is not listed here does not exist.
 */
import * as z from 'zod';
import { languages } from '../localized.ts';
import type { ErrorCode } from './errors.ts';
import { deadLetterConsumers } from './events.ts';
import { memberExport } from './export.ts';
import type { Grant, HttpFunction } from './functions.ts';
import { channelId, channelScopedId, idSchema, purchaseReference } from './ids.ts';
import { adjustment, adjustmentRequest } from './shapes/adjustment.ts';
import { cursors, instant, segments, segmentsMax, text } from './shapes/basics.ts';
import { brand } from './shapes/brand.ts';
import { card } from './shapes/card.ts';
import {
  adapter,
  channel,
  channelRequest,
  delivered,
  reconciled,
  reconcileRequest,
} from './shapes/channel.ts';
import { difference, entry, explanation } from './shapes/entry.ts';
import { exception, exceptionStatuses, exceptionTypes } from './shapes/exception.ts';
import {
  cardNumber,
  cardProfile,
  email,
  enrolment,
  member,
  missing,
  phone,
  profileChange,
} from './shapes/member.ts';
import { auditItem, key, keyRequest, newKey, redemptionSwitch } from './shapes/operator.ts';
import {
  backtestWindow,
  invariantForms,
  planAnswer,
  programPut,
  programPutAt,
  programVersion,
} from './shapes/plan.ts';
import { claim, purchase, purchaseBatch, purchaseState } from './shapes/purchase.ts';
import { quote, quoteAnswer } from './shapes/quote.ts';
import { redemption, redemptionState } from './shapes/redemption.ts';
import { refund, refundState } from './shapes/refund.ts';
import { rewardAnswer } from './shapes/reward.ts';
import { voucher, voucherGift, voucherUse, voucherUsed } from './shapes/voucher.ts';
import { googleCallback, memberWallets, walletCertificates } from './shapes/wallet.ts';

/**
 * Who calls: a channel's key, an operator by a key or signed in, a person who signed in to read, the bearer of a card's
 * URL, a phone's pass, or anybody.
 */
export type Role = 'channel' | 'ops' | 'reader' | 'card' | 'device' | 'public';

/** What a body is: JSON by its schema, or bytes by their media type. */
export type Promised = z.ZodType | string;
/** Either, as the caller asked. */
export type Choice = readonly [json: z.ZodType, bytes: string];
export type Answers = Promised | Choice | null;

export function isChoice(answers: Answers): answers is Choice {
  return Array.isArray(answers);
}

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly who: readonly Role[];
  readonly function: HttpFunction;
  readonly grants: readonly Grant[];
  readonly params?: z.ZodType;
  /** What the path leaves open is one text that may hold slashes, as the ids that channels give. */
  readonly slashes?: true;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Where a handler takes the body as the bytes that it is: how many it may have. */
  readonly bytesMax?: number;
  /** The list in the body whose items are each checked by themselves: what is wrong with one spoils no other. */
  readonly apart?: string;
  /** Status -> the body's schema, a media type for bytes, both where the caller chooses, or null for no body. */
  readonly answers: Readonly<Record<number, Answers>>;
  readonly errors: readonly ErrorCode[];
  /**
   * Whether an Idempotency-Key has to be given, or may be. With one the answer, or the refusal, is stored in the
   * ledger's own transaction, and a repeat gets it again.
   */
  readonly idempotent?: 'required' | 'accepted';
  /** Whether the caller may say whom it asks for (`clientHeader`), so that one who guesses stops nobody else. */
  readonly client?: true;
  /** Requests per second and burst that API Gateway lets through, over all callers. */
  readonly throttle?: { readonly rate: number; readonly burst: number };
}

/**
 * Names the visitor, basket or session for whom a caller asks: any text, of which only a keyed hash is kept. Wrong
 * voucher codes and totals are counted under it.
 */
export const clientHeader = 'X-Philia-Client';

/** Every authenticated route reads the caller's key from the ledger, by its keyed hash. */
const read: readonly Grant[] = ['ledger:read', 'secret:keys'];
const write: readonly Grant[] = [...read, 'ledger:write'];

const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(2048).optional(),
});
const list = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), cursor: z.string().nullable() });

/**
 * Text of a query in which a plus sign was sent as it is: by the rule of forms (URL Standard,
 * application/x-www-form-urlencoded) it comes as a blank. Only where no blank could have been meant is it taken for one.
 * @param plus the blanks that can only have been one
 */
function inQuery<T extends z.ZodType<string, string>>(schema: T, plus: RegExp) {
  return z
    .string()
    .overwrite((text) => text.replace(plus, '+'))
    .pipe(schema);
}

const memberParams = z.strictObject({ memberId: idSchema('member') });
const purchaseParams = z.strictObject({ purchaseId: channelScopedId });
const cardToken = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, 'must be a card token');
const cardParams = z.strictObject({ cardToken });
const deviceParams = {
  device: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be a device library identifier'),
  passType: z.string().max(255),
};
const samsungParams = z.strictObject({ cardId: z.string().max(32), refId: z.string().max(32) });
const passParams = { passType: deviceParams.passType, serial: z.string().max(255) };

const redemptionParams = z.strictObject({ redemptionId: idSchema('redemption') });
const voucherParams = z.strictObject({
  // Any text: what is no code is a wrong guess like any other.
  code: z.string().min(1).max(64),
});
const noFields = z.strictObject({});
const reasonBody = z.strictObject({ reason: text(500) });
const mergeBody = z.strictObject({ from: idSchema('member'), reason: text(500).optional() });
const adjustmentParams = z.strictObject({ adjustmentId: idSchema('adjustment') });
const programVersionParams = z.strictObject({
  version: z.coerce.number().int().min(1).max(99_999_999),
});
const exceptionParams = z.strictObject({ exceptionId: idSchema('exception') });
const keyParams = z.strictObject({ keyId: idSchema('key') });
const channelParams = z.strictObject({ channelId });

export const pkpass = 'application/vnd.apple.pkpass';
export const pkpasses = 'application/vnd.apple.pkpasses';
export const csv = 'text/csv; charset=utf-8';

const accepted = z.strictObject({ purchaseId: channelScopedId, status: z.literal('accepted') });

/** A programme is checked by its own schema (core/program.ts), so here it is any object; its id leads to that one. */
const programDocument = z.looseObject({}).meta({ id: 'Program' });

export const routes = {
  enrolMember: {
    method: 'POST',
    path: '/v1/members',
    summary: 'Enrol a member',
    who: ['channel', 'ops'],
    function: 'members',
    // What follows from a member who is known is begun at once.
    grants: [...write, 'walks:send'],
    body: enrolment,
    answers: { 201: member },
    errors: ['member_exists', 'too_many_requests', 'unavailable'],
    idempotent: 'accepted',
    client: true,
  },
  findMembers: {
    method: 'GET',
    path: '/v1/members',
    summary: 'Find a member by card number, e-mail or phone',
    who: ['channel', 'ops', 'reader'],
    function: 'members',
    grants: read,
    query: z
      .strictObject({
        cardNumber: cardNumber.optional(),
        email: inQuery(email, /(?<=\S) (?=\S)/g).optional(),
        phone: inQuery(phone, /^ /).optional(),
      })
      .refine(
        (value) => Object.values(value).filter((one) => one !== undefined).length === 1,
        'must hold exactly one of cardNumber, email, phone',
      ),
    answers: { 200: z.strictObject({ items: z.array(member) }) },
    errors: [],
  },
  getMember: {
    method: 'GET',
    path: '/v1/members/{memberId}',
    summary: 'Read a member',
    who: ['channel', 'ops', 'reader'],
    function: 'members',
    grants: read,
    params: memberParams,
    answers: { 200: member },
    errors: ['not_found'],
  },
  changeMember: {
    method: 'PATCH',
    path: '/v1/members/{memberId}',
    summary: "Change a member's profile",
    who: ['channel', 'ops'],
    function: 'members',
    grants: [...write, 'walks:send'],
    params: memberParams,
    body: profileChange,
    answers: { 200: member },
    errors: ['not_found', 'member_exists', 'last_contact', 'contended', 'unavailable'],
    idempotent: 'accepted',
  },
  liftContactHold: {
    method: 'POST',
    path: '/v1/members/{memberId}/lift-hold',
    summary:
      'Let a member spend all points again, before the hold ends that a replaced contact has put on them',
    who: ['ops'],
    function: 'members',
    grants: write,
    params: memberParams,
    body: reasonBody,
    answers: { 200: member },
    errors: ['not_found', 'unavailable'],
    idempotent: 'accepted',
  },
  mergeMember: {
    method: 'POST',
    path: '/v1/members/{memberId}/merge',
    summary: 'Merge another member into this one: two members of one person become one',
    who: ['ops'],
    function: 'members',
    grants: write,
    params: memberParams,
    body: mergeBody,
    answers: { 200: member },
    errors: ['not_found', 'merge_refused', 'unavailable'],
    idempotent: 'required',
  },
  unmergeMember: {
    method: 'POST',
    path: '/v1/members/{memberId}/unmerge',
    summary: 'Part a member again that was merged into this one in the last thirty days',
    who: ['ops'],
    function: 'members',
    grants: write,
    params: memberParams,
    body: mergeBody,
    answers: { 200: member },
    errors: ['not_found', 'merge_refused', 'unavailable'],
    idempotent: 'required',
  },
  listEntries: {
    method: 'GET',
    path: '/v1/members/{memberId}/entries',
    summary: "List a member's ledger entries, newest first",
    who: ['channel', 'ops', 'reader'],
    function: 'members',
    grants: read,
    params: memberParams,
    query: page,
    answers: { 200: list(entry) },
    errors: ['not_found', 'invalid_cursor'],
  },
  exportMember: {
    method: 'GET',
    path: '/v1/members/{memberId}/export',
    summary: 'Everything held on a member, as JSON in pages; or the lines of all purchases as CSV',
    who: ['ops', 'reader'],
    function: 'operators',
    // Who exported whom is written down.
    grants: write,
    params: memberParams,
    query: z.strictObject({
      format: z.enum(['json', 'csv']).default('json'),
      cursor: page.shape.cursor.describe(
        'Of the page before: in its `cursor`, or for CSV in the address of its `Link` header.',
      ),
    }),
    answers: { 200: [memberExport, csv] },
    errors: ['not_found', 'invalid_cursor', 'unavailable'],
  },
  eraseMember: {
    method: 'DELETE',
    path: '/v1/members/{memberId}',
    summary: 'Erase a member: the person is removed for good, the entries stay under the pseudonym',
    who: ['ops'],
    function: 'operators',
    grants: [...write, 'erasures:write'],
    params: memberParams,
    body: z.strictObject({ reason: text(500).optional() }),
    answers: { 202: z.strictObject({ memberId: idSchema('member'), status: z.literal('erased') }) },
    errors: ['not_found', 'unavailable'],
    idempotent: 'accepted',
  },
  explainEntry: {
    method: 'GET',
    path: '/v1/entries/{entryId}/explain',
    summary: 'Explain an entry: rules, inputs, multipliers in order, rounding, lots, source',
    who: ['channel', 'ops', 'reader'],
    function: 'members',
    grants: read,
    params: z.strictObject({ entryId: idSchema('entry') }),
    answers: { 200: explanation },
    errors: ['not_found'],
  },
  getWallets: {
    method: 'GET',
    path: '/v1/members/{memberId}/wallets',
    summary: "Read where a member's card lives, and whether it was saved or deleted there",
    who: ['ops', 'reader'],
    function: 'members',
    grants: read,
    params: memberParams,
    answers: { 200: memberWallets },
    errors: ['not_found'],
  },
  join: {
    method: 'POST',
    path: '/v1/join',
    summary:
      'Join the programme: whoever comes has a card at once, known or new, and a link by which they confirm their e-mail or phone. Of two contacts the e-mail is taken; the phone can be added on the card (`PATCH /v1/cards/{cardToken}/profile`). So often from one address of the network in a quarter of an hour (`security.joinsPerAddress`); then 429, and Retry-After says for how long',
    who: ['public'],
    function: 'join',
    grants: [...write, 'bus:put'],
    body: enrolment,
    answers: { 202: z.strictObject({ status: z.literal('accepted'), cardUrl: z.url() }) },
    errors: ['too_many_requests', 'unavailable'],
    throttle: { rate: 20, burst: 40 },
  },
  confirmContact: {
    method: 'POST',
    path: '/v1/cards/{cardToken}/confirm',
    summary:
      'Confirm an e-mail or phone by the code of the link that was sent there. Whoever made the card keeps it; where the contact is another member’s, it becomes theirs. Who did not make it goes on with a card of their own, and the contact leaves the other one',
    who: ['card'],
    function: 'join',
    grants: [...write, 'walks:send'],
    params: cardParams,
    body: z.strictObject({
      code: z.string().regex(/^[A-Za-z0-9_-]{32}$/, 'must be the code of a link, of 32 characters'),
      keepsCard: z
        .boolean()
        .optional()
        .describe(
          'Whether whoever confirms made this card themselves. Otherwise somebody else may have it: the contact, and all that was gathered by it, goes to a card of their own, which is in the answer.',
        ),
    }),
    answers: {
      200: z.strictObject({
        status: z.literal('confirmed'),
        contact: z.enum(['email', 'phone']),
        cardUrl: z.url().describe('The card to go on with: it may be another one than the link was for.'),
        referral: z
          .enum(['unknown'])
          .optional()
          .describe('Present where the referral code that was given when joining is nobody’s.'),
      }),
    },
    errors: ['link_expired', 'contact_moved', 'unavailable'],
    throttle: { rate: 20, burst: 40 },
  },
  sendLink: {
    method: 'POST',
    path: '/v1/cards/{cardToken}/link',
    summary:
      'Send the link by which a contact is confirmed once more; one in a quarter of an hour and five a day go to a contact',
    who: ['card'],
    function: 'join',
    grants: [...read, 'bus:put'],
    params: cardParams,
    body: z.strictObject({ contact: z.enum(['email', 'phone']).optional() }),
    answers: { 202: z.strictObject({ status: z.literal('accepted') }) },
    errors: ['not_found', 'unavailable'],
    throttle: { rate: 20, burst: 40 },
  },
  addToProfile: {
    method: 'PATCH',
    path: '/v1/cards/{cardToken}/profile',
    summary:
      'Add what a profile lacks, for whoever has the card; what is there is neither changed nor told. A link is sent to a contact that is added',
    who: ['card'],
    function: 'join',
    grants: [...write, 'bus:put'],
    params: cardParams,
    body: cardProfile,
    answers: { 200: z.strictObject({ missing }) },
    errors: ['not_found', 'already_given', 'unavailable'],
    throttle: { rate: 20, burst: 40 },
  },
  recordPurchase: {
    method: 'POST',
    path: '/v1/purchases',
    summary: 'Record a purchase',
    who: ['channel'],
    function: 'intake',
    grants: [...read, 'bus:put'],
    body: purchase,
    answers: { 202: accepted },
    errors: ['total_mismatch', 'currency_not_supported', 'unavailable'],
  },
  recordPurchases: {
    method: 'POST',
    path: '/v1/purchases/batch',
    summary: 'Record up to 100 purchases, each by itself',
    who: ['channel'],
    function: 'intake',
    grants: [...read, 'bus:put'],
    body: purchaseBatch,
    apart: 'purchases',
    answers: {
      200: z.strictObject({
        results: z.array(
          z.strictObject({
            id: z.string().nullable(),
            status: z.enum(['accepted', 'rejected']),
            error: z.unknown().optional(),
          }),
        ),
      }),
    },
    errors: ['unavailable'],
  },
  quotePurchase: {
    method: 'POST',
    path: '/v1/quotes',
    summary: 'What a purchase would earn now, and what the member could redeem; writes nothing',
    who: ['channel'],
    function: 'members',
    grants: read,
    body: quote,
    answers: { 200: quoteAnswer },
    errors: ['total_mismatch', 'currency_not_supported'],
  },
  getPurchase: {
    method: 'GET',
    path: '/v1/purchases/{purchaseId}',
    summary: 'Read what became of a purchase',
    who: ['channel', 'ops', 'reader'],
    function: 'members',
    grants: read,
    slashes: true,
    params: purchaseParams,
    answers: { 200: purchaseState },
    errors: ['not_found'],
  },
  claimPurchase: {
    method: 'POST',
    path: '/v1/purchases/{purchaseId}/claim',
    summary: "Give a guest's purchase to a member",
    who: ['channel', 'ops'],
    function: 'members',
    grants: write,
    slashes: true,
    params: purchaseParams,
    body: claim,
    answers: { 200: purchaseState },
    errors: ['not_found', 'claim_mismatch', 'claim_closed', 'too_many_requests', 'contended', 'unavailable'],
    idempotent: 'accepted',
    client: true,
  },
  recordRefund: {
    method: 'POST',
    path: '/v1/refunds',
    summary: 'Record a refund',
    who: ['channel'],
    function: 'intake',
    grants: [...read, 'bus:put'],
    body: refund,
    answers: { 202: z.strictObject({ refundId: channelScopedId, status: z.literal('accepted') }) },
    errors: ['currency_not_supported', 'unavailable'],
  },
  getRefund: {
    method: 'GET',
    path: '/v1/refunds/{refundId}',
    summary: 'Read what became of a refund',
    who: ['channel', 'ops', 'reader'],
    function: 'members',
    grants: read,
    slashes: true,
    params: z.strictObject({ refundId: channelScopedId }),
    answers: { 200: refundState },
    errors: ['not_found'],
  },
  createRedemption: {
    method: 'POST',
    path: '/v1/redemptions',
    summary: 'Set points aside for a reward, or spend them at once',
    who: ['channel', 'ops'],
    function: 'redemptions',
    grants: write,
    body: redemption,
    answers: { 201: redemptionState },
    errors: [
      'insufficient_points',
      'reward_unavailable',
      'redemptions_paused',
      'points_held',
      'confirmation_required',
      'unavailable',
    ],
    idempotent: 'required',
  },
  getRedemption: {
    method: 'GET',
    path: '/v1/redemptions/{redemptionId}',
    summary: 'Read what became of a redemption',
    who: ['channel', 'ops', 'reader'],
    function: 'redemptions',
    grants: read,
    params: redemptionParams,
    answers: { 200: redemptionState },
    errors: ['not_found'],
  },
  captureRedemption: {
    method: 'POST',
    path: '/v1/redemptions/{redemptionId}/capture',
    summary: 'Spend what a redemption has set aside',
    who: ['channel', 'ops'],
    function: 'redemptions',
    grants: write,
    params: redemptionParams,
    body: noFields,
    answers: { 200: redemptionState },
    errors: ['not_found', 'redemption_closed', 'unavailable'],
    idempotent: 'required',
  },
  cancelRedemption: {
    method: 'POST',
    path: '/v1/redemptions/{redemptionId}/cancel',
    summary: 'Give the points of a redemption back to the lots that they came from',
    who: ['channel', 'ops'],
    function: 'redemptions',
    grants: write,
    params: redemptionParams,
    body: noFields,
    answers: { 200: redemptionState },
    errors: ['not_found', 'redemption_closed', 'unavailable'],
    idempotent: 'required',
  },
  listRewards: {
    method: 'GET',
    path: '/v1/rewards',
    summary: 'The reward catalogue, with what is left of limited rewards and what donations have come to',
    who: ['channel', 'ops', 'reader'],
    function: 'redemptions',
    grants: read,
    answers: { 200: z.strictObject({ items: z.array(rewardAnswer) }) },
    errors: [],
  },
  listVouchers: {
    method: 'GET',
    path: '/v1/members/{memberId}/vouchers',
    summary: "List a member's vouchers, newest first",
    who: ['channel', 'ops', 'reader'],
    function: 'redemptions',
    grants: read,
    params: memberParams,
    query: page,
    answers: { 200: list(voucher) },
    errors: ['not_found', 'invalid_cursor'],
  },
  getVoucher: {
    method: 'GET',
    path: '/v1/vouchers/{code}',
    summary: 'Read a voucher by its code',
    who: ['channel', 'ops', 'reader'],
    function: 'redemptions',
    // A wrong code is counted.
    grants: write,
    params: voucherParams,
    answers: { 200: voucher },
    errors: ['not_found', 'too_many_requests', 'unavailable'],
    client: true,
  },
  redeemVoucher: {
    method: 'POST',
    path: '/v1/vouchers/{code}/redeem',
    summary: 'Use a voucher',
    who: ['channel', 'ops'],
    function: 'redemptions',
    grants: write,
    params: voucherParams,
    body: voucherUse,
    answers: { 200: voucherUsed },
    errors: [
      'not_found',
      'voucher_used',
      'voucher_expired',
      'voucher_not_applicable',
      'confirmation_required',
      'redemptions_paused',
      'too_many_requests',
      'unavailable',
    ],
    idempotent: 'required',
    client: true,
  },
  issueVoucher: {
    method: 'POST',
    path: '/v1/vouchers',
    summary: 'Give a member a voucher for a reward without taking points',
    who: ['ops'],
    function: 'redemptions',
    grants: write,
    body: voucherGift,
    answers: { 201: voucher },
    errors: ['reward_unavailable', 'unavailable'],
    idempotent: 'required',
  },
  revokeVoucher: {
    method: 'POST',
    path: '/v1/vouchers/{code}/revoke',
    summary: 'Take a voucher back',
    who: ['ops'],
    function: 'redemptions',
    grants: write,
    params: voucherParams,
    body: reasonBody,
    answers: { 200: voucher },
    errors: ['not_found', 'voucher_used', 'too_many_requests', 'unavailable'],
    idempotent: 'required',
    client: true,
  },
  getProgram: {
    method: 'GET',
    path: '/v1/program',
    summary: 'Read the programme in force',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    answers: { 200: z.strictObject({ version: z.int(), program: programDocument }) },
    errors: [],
  },
  putProgram: {
    method: 'PUT',
    path: '/v1/program',
    summary: 'Put a new version of the programme in force',
    who: ['ops'],
    function: 'operators',
    grants: write,
    body: programDocument,
    answers: { 200: programPut },
    errors: ['contended', 'unavailable'],
    idempotent: 'accepted',
  },
  listProgramVersions: {
    method: 'GET',
    path: '/v1/program/versions',
    summary: 'List the versions of the programme, newest first: who put them, when, and what they changed',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    query: page,
    answers: { 200: list(programVersion) },
    errors: [],
  },
  getProgramVersion: {
    method: 'GET',
    path: '/v1/program/versions/{version}',
    summary: 'Read a version of the programme',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    params: programVersionParams,
    answers: { 200: programPutAt.extend({ program: programDocument }) },
    errors: ['not_found'],
  },
  rollBackProgram: {
    method: 'POST',
    path: '/v1/program/versions/{version}/rollback',
    summary: "Put an earlier version's content in force again, as a new version",
    who: ['ops'],
    function: 'operators',
    grants: write,
    params: programVersionParams,
    body: noFields,
    answers: { 200: programPut },
    errors: ['not_found', 'contended', 'unavailable'],
    idempotent: 'accepted',
  },
  planProgram: {
    method: 'POST',
    path: '/v1/program/plan',
    summary: 'What a candidate programme changes, and what it would have issued on real purchases',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: [...read, 'ledger:scan'],
    body: z.strictObject({
      program: programDocument,
      backtest: backtestWindow.optional().describe('The window in which purchases were recorded.'),
      invariants: z
        .array(z.string().max(100))
        .max(20)
        .optional()
        .describe(
          `What the candidate is to keep in the backtest, each one of: ${invariantForms.join(', ')}.`,
        ),
      cursor: z
        .string()
        .max(65_536)
        .optional()
        .describe('Of the answer before, with the same plan: goes on where that stopped and adds to it.'),
      segments: segments.optional(),
      parts: z
        .array(z.string().max(65_536))
        .min(1)
        .max(segmentsMax)
        .optional()
        .describe(
          'What all the parts of a backtest came to, with the same plan: answers all of it together.',
        ),
    }),
    answers: { 200: planAnswer },
    errors: ['invalid_cursor', 'unavailable'],
  },
  verifyLedger: {
    method: 'POST',
    path: '/v1/ledger/verify',
    summary: 'Recompute every balance, lot, tier, hash and sequence from the entries, of one member or all',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: [...read, 'ledger:scan'],
    body: z.strictObject({
      memberId: idSchema('member').optional(),
      cursor: z.string().max(65_536).optional().describe('Of the answer before: goes on where that stopped.'),
      segments: segments.optional(),
    }),
    answers: {
      200: z.strictObject({
        members: z.int().describe('Members brought to their end by this request.'),
        entries: z.int().describe('Entries looked at by this request.'),
        differences: z.array(difference),
        cursor: z.string().optional().describe('There is more to verify; absent when all is done.'),
        cursors: cursors.optional(),
      }),
    },
    errors: ['not_found', 'invalid_cursor'],
  },
  listExceptions: {
    method: 'GET',
    path: '/v1/exceptions',
    summary: 'List what an operator should look at, newest first',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    query: z.strictObject({
      ...page.shape,
      status: z.enum(exceptionStatuses).default('open'),
      type: z.enum(exceptionTypes).optional(),
    }),
    answers: { 200: list(exception) },
    errors: ['invalid_cursor'],
  },
  retryException: {
    method: 'POST',
    path: '/v1/exceptions/{exceptionId}/retry',
    summary:
      'Try again what went wrong: a claim, a match, the handling of a message, or what came under a taken id',
    who: ['ops'],
    function: 'operators',
    grants: [...write, 'queues:send', 'bus:put'],
    params: exceptionParams,
    body: z.strictObject({
      as: purchaseReference
        .optional()
        .describe(
          'The id that a purchase or refund is to be posted under whose own id was taken, or was given back.',
        ),
    }),
    answers: { 200: exception },
    errors: ['not_found', 'exception_closed', 'exception_not_retryable', 'unavailable'],
    idempotent: 'accepted',
  },
  dismissException: {
    method: 'POST',
    path: '/v1/exceptions/{exceptionId}/dismiss',
    summary: 'Close an exception without doing anything about it',
    who: ['ops'],
    function: 'operators',
    grants: write,
    params: exceptionParams,
    body: reasonBody,
    answers: { 200: exception },
    errors: ['not_found', 'exception_closed', 'unavailable'],
    idempotent: 'accepted',
  },
  importItems: {
    method: 'POST',
    path: '/v1/imports',
    summary: 'Post up to 100 purchases and refunds of any age of a channel, in their order, each by itself',
    who: ['ops'],
    function: 'operators',
    grants: write,
    body: z.strictObject({
      channel: channelId.describe('Whose they are.'),
      items: z
        .array(
          z
            .unknown()
            .meta({ description: 'A Purchase, or with "type": "refund" a Refund; checked by itself.' }),
        )
        .min(1)
        .max(100),
    }),
    apart: 'items',
    answers: {
      200: z.strictObject({
        results: z.array(
          z.strictObject({
            id: z.string().nullable(),
            status: z
              .enum(['posted', 'duplicate', 'conflict', 'rejected'])
              .describe(
                'duplicate: it was posted before; conflict: its id is taken by other content, and operators are told.',
              ),
            error: z.unknown().optional(),
          }),
        ),
      }),
    },
    errors: ['unavailable'],
  },
  redriveDeadLetters: {
    method: 'POST',
    path: '/v1/dead-letters/redrive',
    summary: 'Send open dead letters again, of one consumer or all, to where they could not be handled',
    who: ['ops'],
    function: 'operators',
    grants: [...write, 'queues:send', 'bus:put'],
    body: z.strictObject({
      consumer: z.enum(deadLetterConsumers).optional(),
      limit: z.int().min(1).max(100).default(100),
    }),
    answers: {
      200: z.strictObject({
        redriven: z.int(),
        left: z.int().describe('Those that can be sent and have not been; counted up to 1,000.'),
      }),
    },
    errors: ['unavailable'],
    idempotent: 'accepted',
  },
  createAdjustment: {
    method: 'POST',
    path: '/v1/adjustments',
    summary: 'Give or take points; beyond the limit of the programme it waits for a second operator',
    who: ['ops'],
    function: 'operators',
    grants: write,
    body: adjustmentRequest,
    answers: { 201: entry, 202: adjustment },
    errors: ['insufficient_points', 'unavailable'],
    idempotent: 'required',
  },
  listAdjustments: {
    method: 'GET',
    path: '/v1/adjustments',
    summary: 'List adjustments that wait, or that were decided, newest first',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    query: z.strictObject({ ...page.shape, status: z.enum(['waiting', 'decided']).default('waiting') }),
    answers: { 200: list(adjustment) },
    errors: ['invalid_cursor'],
  },
  approveAdjustment: {
    method: 'POST',
    path: '/v1/adjustments/{adjustmentId}/approve',
    summary: 'Post an adjustment that another operator has asked for',
    who: ['ops'],
    function: 'operators',
    grants: write,
    params: adjustmentParams,
    body: z.strictObject({ reason: text(500).optional() }),
    answers: { 200: entry },
    errors: [
      'not_found',
      'insufficient_points',
      'adjustment_closed',
      'second_operator_needed',
      'unavailable',
    ],
    idempotent: 'required',
  },
  rejectAdjustment: {
    method: 'POST',
    path: '/v1/adjustments/{adjustmentId}/reject',
    summary: 'Refuse an adjustment that waits',
    who: ['ops'],
    function: 'operators',
    grants: write,
    params: adjustmentParams,
    body: reasonBody,
    answers: { 200: adjustment },
    errors: ['not_found', 'adjustment_closed', 'unavailable'],
    idempotent: 'required',
  },
  listAudit: {
    method: 'GET',
    path: '/v1/audit',
    summary: 'List what operators have done, with who and why, newest first',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    query: page,
    answers: { 200: list(auditItem) },
    errors: ['invalid_cursor'],
  },
  getRedemptionSwitch: {
    method: 'GET',
    path: '/v1/switches/redemption',
    summary: 'Read whether redemptions are paused',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    answers: { 200: redemptionSwitch },
    errors: [],
  },
  setRedemptionSwitch: {
    method: 'PUT',
    path: '/v1/switches/redemption',
    summary: 'Pause redemptions, or let them go on; earning goes on in any case',
    who: ['ops'],
    function: 'operators',
    grants: write,
    body: z.strictObject({ paused: z.boolean(), reason: text(500).optional() }),
    answers: { 200: redemptionSwitch },
    errors: ['unavailable'],
    idempotent: 'accepted',
  },
  listKeys: {
    method: 'GET',
    path: '/v1/keys',
    summary: "List callers' keys, newest first, without their texts",
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    query: page,
    answers: { 200: list(key) },
    errors: ['invalid_cursor'],
  },
  createKey: {
    method: 'POST',
    path: '/v1/keys',
    summary: 'Make a key; its text is in this answer and nowhere else',
    who: ['ops'],
    function: 'operators',
    grants: write,
    body: keyRequest,
    answers: { 201: newKey },
    errors: ['unavailable'],
  },
  rotateKey: {
    method: 'POST',
    path: '/v1/keys/{keyId}/rotate',
    summary: 'Make the successor of a key; the old one lives on for a while',
    who: ['ops'],
    function: 'operators',
    grants: write,
    params: keyParams,
    body: z.strictObject({
      graceHours: z.int().min(0).max(720).default(24).describe('How long the old key can still be used.'),
    }),
    answers: { 201: newKey },
    errors: ['not_found', 'unavailable'],
  },
  revokeKey: {
    method: 'DELETE',
    path: '/v1/keys/{keyId}',
    summary: 'End a key at once',
    who: ['ops'],
    function: 'operators',
    grants: write,
    params: keyParams,
    answers: { 204: null },
    errors: ['not_found', 'last_operator_key', 'unavailable'],
    idempotent: 'accepted',
  },
  listChannels: {
    method: 'GET',
    path: '/v1/channels',
    summary: 'List the channels, by their ids',
    who: ['ops', 'reader'],
    function: 'channels',
    grants: read,
    query: page,
    answers: { 200: list(channel) },
    errors: ['invalid_cursor'],
  },
  getChannel: {
    method: 'GET',
    path: '/v1/channels/{channelId}',
    summary: 'Read a channel',
    who: ['ops', 'reader'],
    function: 'channels',
    grants: read,
    params: channelParams,
    answers: { 200: channel },
    errors: ['not_found'],
  },
  listAdapters: {
    method: 'GET',
    path: '/v1/adapters',
    summary: 'List the shops that a channel can be connected to, and what each needs',
    who: ['ops', 'reader'],
    function: 'channels',
    grants: read,
    answers: { 200: z.strictObject({ items: z.array(adapter) }) },
    errors: [],
  },
  putChannel: {
    method: 'PUT',
    path: '/v1/channels/{channelId}',
    summary: 'Add a channel, or rename, pause or resume one',
    who: ['ops'],
    function: 'channels',
    grants: [...write, 'channel-secrets:write'],
    params: channelParams,
    body: channelRequest,
    answers: { 200: channel },
    errors: ['channel_kind_fixed', 'too_many_channels', 'unavailable'],
    idempotent: 'required',
  },
  removeChannel: {
    method: 'DELETE',
    path: '/v1/channels/{channelId}',
    summary: 'Remove a channel by which nothing has come yet',
    who: ['ops'],
    function: 'channels',
    grants: write,
    params: channelParams,
    answers: { 204: null },
    errors: ['not_found', 'channel_in_use', 'unavailable'],
    idempotent: 'required',
  },
  reconcileChannel: {
    method: 'POST',
    path: '/v1/channels/{channelId}/reconcile',
    summary: "Compare a page of the shop's orders with the ledger, and post what is missing",
    who: ['ops'],
    function: 'channels',
    grants: [...write, 'channel-secrets:read'],
    params: channelParams,
    body: reconcileRequest,
    answers: { 200: reconciled },
    errors: ['not_found', 'invalid_cursor', 'channel_without_api', 'shop_unavailable', 'unavailable'],
  },
  deliverToChannel: {
    method: 'POST',
    path: '/v1/channels/{channelId}/deliveries',
    summary: 'A shop tells of its orders; only what it has signed is taken',
    who: ['public'],
    function: 'deliveries',
    grants: [...write, 'bus:put', 'channel-secrets:read'],
    params: z.strictObject({ channelId: z.string().max(255) }),
    bytesMax: 1024 * 1024,
    answers: { 200: delivered },
    errors: ['unauthorized', 'payload_too_large', 'unavailable'],
    throttle: { rate: 500, burst: 1000 },
  },
  listAppleLog: {
    method: 'GET',
    path: '/v1/wallets/apple/log',
    summary: 'List what phones logged about passes, newest first',
    who: ['ops', 'reader'],
    function: 'operators',
    grants: read,
    query: page,
    answers: { 200: list(z.strictObject({ at: instant, message: z.string() })) },
    errors: ['invalid_cursor'],
  },
  getBrand: {
    method: 'GET',
    path: '/v1/brand',
    summary: 'What pages show of the programme: its name, colours, bonuses and where its terms are',
    who: ['public'],
    function: 'cards',
    grants: read,
    answers: { 200: brand, 304: null },
    errors: ['unavailable'],
  },
  getBrandIcon: {
    method: 'GET',
    path: '/v1/brand/icon.svg',
    summary: "The programme's icon, drawn from its initial and its colours",
    who: ['public'],
    function: 'cards',
    grants: read,
    answers: { 200: 'image/svg+xml' },
    errors: ['unavailable'],
  },
  getCard: {
    method: 'GET',
    path: '/v1/cards/{cardToken}',
    summary: 'Read a card: what every wallet shows',
    who: ['card'],
    function: 'cards',
    grants: [...read, 'secret:apple', 'secret:google', 'secret:samsung'],
    params: cardParams,
    query: z.object({
      language: z
        .enum(languages)
        .optional()
        .describe("The language of names on the card; without it the member's."),
      version: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .describe('The version that is shown already: the answer may then be some seconds old.'),
    }),
    answers: { 200: card, 304: null },
    errors: ['not_found'],
  },
  getApplePass: {
    method: 'GET',
    path: '/v1/cards/{cardToken}/apple',
    summary: 'Add the card to Apple Wallet',
    who: ['card'],
    function: 'cards',
    // Which version was given out is noted.
    grants: [...write, 'secret:apple'],
    params: cardParams,
    answers: { 303: null, 200: pkpass },
    errors: ['not_found', 'wallet_not_configured'],
  },
  getApplePasses: {
    method: 'GET',
    path: '/v1/cards/apple',
    summary: 'Add several cards to Apple Wallet at once, as those of a family: ?tokens=…,…',
    who: ['card'],
    function: 'cards',
    grants: [...write, 'secret:apple'],
    query: z.strictObject({
      tokens: z
        .string()
        .max(660)
        .transform((text) => [...new Set(text.split(','))])
        .pipe(z.array(cardToken).max(10, 'must be at most ten cards')),
    }),
    answers: { 200: pkpasses },
    errors: ['invalid_request', 'not_found', 'wallet_not_configured'],
  },
  getGoogleLink: {
    method: 'GET',
    path: '/v1/cards/{cardToken}/google',
    summary: 'Add the card to Google Wallet: redirects to the save link',
    who: ['card'],
    function: 'cards',
    grants: [...write, 'secret:google'],
    params: cardParams,
    answers: { 303: null, 302: null },
    errors: ['not_found', 'wallet_not_configured', 'unavailable'],
  },
  getSamsungLink: {
    method: 'GET',
    path: '/v1/cards/{cardToken}/samsung',
    summary: 'Add the card to Samsung Wallet: redirects to a link that is good for half a minute',
    who: ['card'],
    function: 'cards',
    grants: [...write, 'secret:samsung'],
    params: cardParams,
    answers: { 303: null, 302: null },
    errors: ['not_found', 'wallet_not_configured', 'unavailable'],
  },
  googleCallback: {
    method: 'POST',
    path: '/google/callback',
    summary: 'Google: a card was saved or deleted; only what Google signed for this issuer is taken',
    who: ['public'],
    function: 'google',
    grants: [...write, 'secret:google'],
    body: googleCallback,
    answers: { 200: null },
    errors: ['unauthorized', 'wallet_not_configured', 'unavailable'],
    throttle: { rate: 50, burst: 100 },
  },
  getSamsungCard: {
    method: 'GET',
    path: '/samsung/cards/{cardId}/{refId}',
    summary: 'Samsung: fetch the card as it stands, encrypted; only with a token that Samsung signed',
    who: ['public'],
    function: 'samsung',
    // Which version it fetched is noted.
    grants: [...write, 'secret:samsung'],
    params: samsungParams,
    query: z.looseObject({ fields: z.string().max(128).optional() }),
    answers: { 200: z.strictObject({ cdata: z.string() }), 204: null },
    errors: ['unauthorized', 'wallet_not_configured', 'unavailable'],
    throttle: { rate: 200, burst: 400 },
  },
  noteSamsungState: {
    method: 'POST',
    path: '/samsung/cards/{cardId}/{refId}',
    summary: 'Samsung: a card was added, updated or deleted; only with a token that Samsung signed',
    who: ['public'],
    function: 'samsung',
    grants: [...write, 'secret:samsung'],
    params: samsungParams,
    query: z.looseObject({
      cc2: z.string().regex(/^[A-Za-z]{2}$/, 'must be a country code'),
      event: z.string().max(16),
    }),
    body: z.looseObject({ callback: z.string().max(1024).optional() }),
    answers: { 200: null },
    errors: ['unauthorized', 'wallet_not_configured', 'unavailable'],
    throttle: { rate: 50, burst: 100 },
  },
  registerDevice: {
    method: 'POST',
    path: '/apple/v1/devices/{device}/registrations/{passType}/{serial}',
    summary: "Apple: register a device for a pass's changes",
    who: ['device'],
    function: 'apple',
    grants: [...write, 'secret:apple'],
    params: z.strictObject({ ...deviceParams, serial: passParams.serial }),
    body: z.looseObject({ pushToken: z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be a push token') }),
    answers: { 200: null, 201: null },
    errors: [],
  },
  unregisterDevice: {
    method: 'DELETE',
    path: '/apple/v1/devices/{device}/registrations/{passType}/{serial}',
    summary: 'Apple: forget a device for a pass',
    who: ['device'],
    function: 'apple',
    grants: [...write, 'secret:apple'],
    params: z.strictObject({ ...deviceParams, serial: passParams.serial }),
    answers: { 200: null },
    errors: [],
  },
  listChangedPasses: {
    method: 'GET',
    path: '/apple/v1/devices/{device}/registrations/{passType}',
    summary: "Apple: list a device's passes changed since a tag",
    who: ['public'],
    function: 'apple',
    // What a phone was told of the pass of somebody who has left is noted.
    grants: [...write, 'secret:apple'],
    params: z.strictObject(deviceParams),
    query: z.looseObject({ passesUpdatedSince: z.string().max(64).optional() }),
    answers: {
      200: z.strictObject({ serialNumbers: z.array(z.string()), lastUpdated: z.string() }),
      204: null,
    },
    errors: [],
  },
  getPass: {
    method: 'GET',
    path: '/apple/v1/passes/{passType}/{serial}',
    summary: 'Apple: fetch the newest pass',
    who: ['device'],
    function: 'apple',
    // A phone that has a void pass is forgotten.
    grants: [...write, 'secret:apple'],
    params: z.strictObject(passParams),
    answers: { 200: pkpass, 304: null },
    errors: ['wallet_not_configured'],
  },
  headPass: {
    method: 'HEAD',
    path: '/apple/v1/passes/{passType}/{serial}',
    summary: 'Apple: ask whether the pass changed',
    who: ['device'],
    function: 'apple',
    grants: [...read, 'secret:apple'],
    params: z.strictObject(passParams),
    answers: { 200: pkpass, 304: null },
    errors: ['wallet_not_configured'],
  },
  logFromDevice: {
    method: 'POST',
    path: '/apple/v1/log',
    summary: "Apple: a device's own log lines",
    who: ['public'],
    function: 'apple',
    grants: [...read, 'secret:apple'],
    body: z.looseObject({ logs: z.array(z.string()) }),
    answers: { 200: null },
    errors: [],
    throttle: { rate: 20, burst: 40 },
  },
  getCertificates: {
    method: 'GET',
    path: '/v1/certificates',
    summary: "How the wallets' credentials stand: whether they fit, and until when",
    who: ['ops', 'reader'],
    // The one function that holds every wallet's credentials anyway: no other has to be given them.
    function: 'cards',
    grants: [...read, 'secret:apple', 'secret:google', 'secret:samsung'],
    answers: { 200: walletCertificates },
    errors: [],
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/**
 * The names under which API Gateway knows a route. It decodes a path before it looks for the route of it, so the slash
 * within an id, sent as `%2F`, has become one between segments: a second route takes all of them, to the path's end.
 */
export function routeKeysOf({ method, path, slashes }: Route): string[] {
  const key = `${method} ${path}`;
  return slashes ? [key, key.replace(/\}.*$/, '+}')] : [key];
}

/** The function that answers every path the table does not know, with a problem body. */
export const fallback: HttpFunction = 'cards';

/** The methods that a path takes, as it came in a request; none where no route has it. */
export function methodsOf(path: string): Route['method'][] {
  const all = Object.values(routes).filter((route) => {
    const [own, given] = [route.path.split('/'), path.split('/')];
    return (
      own.length === given.length &&
      own.every((part, at) => (part.startsWith('{') ? given[at] !== '' : part === given[at]))
    );
  });
  return [...new Set(all.map(({ method }) => method))].sort();
}

/**
 * Whether a route that takes a method has a path with an id or a code in it that could be one with a slash: then it is
 * not the path that there is none of. Ids that cannot hold one are no reason to say so.
 */
export function mayName(method: string, path: string): boolean {
  return Object.values(routes as Record<string, Route>).some((route) => {
    const spanning = new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>.+)')}$`, 's');
    const named = route.method === method ? spanning.exec(path)?.groups : undefined;
    return named !== undefined && (route.params?.safeParse({ ...named }).success ?? false);
  });
}

/** The routes of one function. */
export function routesOf(name: HttpFunction): RouteName[] {
  return (Object.keys(routes) as RouteName[]).filter((route) => routes[route].function === name);
}

/** Whether one HTTP function has to know who has signed in. */
export function knowsPeople(name: HttpFunction): boolean {
  return routesOf(name).some((route) => (routes[route].who as readonly Role[]).includes('ops'));
}

/** What one HTTP function may touch: the union over its routes, and the secret by which it knows who may ask at all. */
export function grantsOf(name: HttpFunction): Grant[] {
  const declared = routesOf(name).flatMap((route) => routes[route].grants as readonly Grant[]);
  return [...new Set<Grant>([...declared, 'secret:origin'])].sort();
}
