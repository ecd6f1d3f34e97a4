/**
 * The one table of HTTP operations. Validation, the API Gateway routes, the functions' rights and the
 * OpenAPI document are all made from it; a route that is not listed here does not exist.
 */
import * as z from 'zod';
import type { ErrorCode } from './errors.ts';
import type { Grant, HttpFunction } from './functions.ts';
import { channelScopedId, idSchema } from './ids.ts';
import {
  card,
  cardNumber,
  claim,
  difference,
  email,
  enrolment,
  entry,
  exception,
  exceptionTypes,
  explanation,
  instant,
  member,
  phone,
  profileChange,
  purchase,
  purchaseBatch,
  purchaseState,
  quote,
  quoteAnswer,
  refund,
  refundState,
} from './shapes.ts';

/** Who calls: a channel's or operator's key, the bearer of a card's URL, a phone's pass, or anybody. */
export type Role = 'channel' | 'ops' | 'card' | 'device' | 'public';

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly who: readonly Role[];
  readonly function: HttpFunction;
  readonly grants: readonly Grant[];
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Status -> the body's schema, a media type for bytes, or null for no body. */
  readonly answers: Readonly<Record<number, z.ZodType | string | null>>;
  readonly errors: readonly ErrorCode[];
  /** Requests per second and burst that API Gateway lets through, over all callers. */
  readonly throttle?: { readonly rate: number; readonly burst: number };
}

/** Every authenticated route reads the caller's key from the ledger, by its keyed hash. */
const read: readonly Grant[] = ['ledger:read', 'secret:keys'];
const write: readonly Grant[] = [...read, 'ledger:write'];

const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(2048).optional(),
});
const list = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), cursor: z.string().nullable() });

const memberParams = z.strictObject({ memberId: idSchema('member') });
const purchaseParams = z.strictObject({ purchaseId: channelScopedId });
const cardParams = z.strictObject({
  cardToken: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, 'must be a card token'),
});
const deviceParams = {
  device: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be a device library identifier'),
  passType: z.string().max(255),
};
const passParams = { passType: deviceParams.passType, serial: z.string().max(255) };

export const pkpass = 'application/vnd.apple.pkpass';

const accepted = z.strictObject({ purchaseId: channelScopedId, status: z.literal('accepted') });

/** A programme is checked by its own schema (core/program.ts), so here it is any object. */
const programDocument = z.looseObject({});

export const routes = {
  enrolMember: {
    method: 'POST',
    path: '/v1/members',
    summary: 'Enrol a member',
    who: ['channel', 'ops'],
    function: 'members',
    grants: write,
    body: enrolment,
    answers: { 201: member },
    errors: ['member_exists', 'unavailable'],
  },
  findMembers: {
    method: 'GET',
    path: '/v1/members',
    summary: 'Find a member by card number, e-mail or phone',
    who: ['channel', 'ops'],
    function: 'members',
    grants: read,
    query: z
      .strictObject({ cardNumber: cardNumber.optional(), email: email.optional(), phone: phone.optional() })
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
    who: ['channel', 'ops'],
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
    grants: write,
    params: memberParams,
    body: profileChange,
    answers: { 200: member },
    errors: ['not_found', 'member_exists', 'contended', 'unavailable'],
  },
  listEntries: {
    method: 'GET',
    path: '/v1/members/{memberId}/entries',
    summary: "List a member's ledger entries, newest first",
    who: ['channel', 'ops'],
    function: 'members',
    grants: read,
    params: memberParams,
    query: page,
    answers: { 200: list(entry) },
    errors: ['not_found', 'invalid_cursor'],
  },
  explainEntry: {
    method: 'GET',
    path: '/v1/entries/{entryId}/explain',
    summary: 'Explain an entry: rules, inputs, multipliers in order, rounding, lots, source',
    who: ['channel', 'ops'],
    function: 'members',
    grants: read,
    params: z.strictObject({ entryId: idSchema('entry') }),
    answers: { 200: explanation },
    errors: ['not_found'],
  },
  join: {
    method: 'POST',
    path: '/v1/join',
    summary: 'Join the programme; known and new people get the same kind of answer',
    who: ['public'],
    function: 'join',
    grants: [...write, 'bus:put'],
    body: enrolment,
    answers: { 202: z.strictObject({ status: z.literal('accepted'), cardUrl: z.url().optional() }) },
    errors: ['too_many_requests', 'unavailable'],
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
    who: ['channel', 'ops'],
    function: 'members',
    grants: read,
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
    params: purchaseParams,
    body: claim,
    answers: { 200: purchaseState },
    errors: ['not_found', 'claim_mismatch', 'claim_closed', 'contended', 'unavailable'],
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
    who: ['channel', 'ops'],
    function: 'members',
    grants: read,
    params: z.strictObject({ refundId: channelScopedId }),
    answers: { 200: refundState },
    errors: ['not_found'],
  },
  getProgram: {
    method: 'GET',
    path: '/v1/program',
    summary: 'Read the programme in force',
    who: ['ops'],
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
    answers: { 200: z.strictObject({ version: z.int() }) },
    errors: ['contended', 'unavailable'],
  },
  verifyLedger: {
    method: 'POST',
    path: '/v1/ledger/verify',
    summary: 'Recompute every balance, lot, tier, hash and sequence from the entries, of one member or all',
    who: ['ops'],
    function: 'operators',
    grants: [...read, 'ledger:scan'],
    body: z.strictObject({
      memberId: idSchema('member').optional(),
      cursor: z.string().max(65_536).optional().describe('Of the answer before: goes on where that stopped.'),
    }),
    answers: {
      200: z.strictObject({
        members: z.int().describe('Members brought to their end by this request.'),
        entries: z.int().describe('Entries looked at by this request.'),
        differences: z.array(difference),
        cursor: z.string().optional().describe('There is more to verify; absent when all is done.'),
      }),
    },
    errors: ['not_found', 'invalid_cursor'],
  },
  listExceptions: {
    method: 'GET',
    path: '/v1/exceptions',
    summary: 'List what an operator should look at, newest first',
    who: ['ops'],
    function: 'operators',
    grants: read,
    query: z.strictObject({
      ...page.shape,
      status: z.enum(['open', 'resolved']).default('open'),
      type: z.enum(exceptionTypes).optional(),
    }),
    answers: { 200: list(exception) },
    errors: ['invalid_cursor'],
  },
  listAppleLog: {
    method: 'GET',
    path: '/v1/wallets/apple/log',
    summary: 'List what phones logged about passes, newest first',
    who: ['ops'],
    function: 'operators',
    grants: read,
    query: page,
    answers: { 200: list(z.strictObject({ at: instant, message: z.string() })) },
    errors: ['invalid_cursor'],
  },
  getCard: {
    method: 'GET',
    path: '/v1/cards/{cardToken}',
    summary: 'Read a card: what both wallets show',
    who: ['card'],
    function: 'cards',
    grants: read,
    params: cardParams,
    answers: { 200: card, 304: null },
    errors: ['not_found'],
  },
  getApplePass: {
    method: 'GET',
    path: '/v1/cards/{cardToken}/apple',
    summary: 'Add the card to Apple Wallet',
    who: ['card'],
    function: 'cards',
    grants: [...read, 'secret:apple'],
    params: cardParams,
    answers: { 200: pkpass },
    errors: ['not_found', 'wallet_not_configured'],
  },
  getGoogleLink: {
    method: 'GET',
    path: '/v1/cards/{cardToken}/google',
    summary: 'Add the card to Google Wallet: redirects to the save link',
    who: ['card'],
    function: 'cards',
    grants: [...write, 'secret:google'],
    params: cardParams,
    answers: { 302: null },
    errors: ['not_found', 'wallet_not_configured', 'unavailable'],
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
    grants: [...read, 'secret:apple'],
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
    grants: [...read, 'secret:apple'],
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
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/** The function that answers every path the table does not know, with a problem body. */
export const fallback: HttpFunction = 'cards';

/** The routes of one function. */
export function routesOf(name: HttpFunction): RouteName[] {
  return (Object.keys(routes) as RouteName[]).filter((route) => routes[route].function === name);
}

/** What one HTTP function may touch: the union over its routes. */
export function grantsOf(name: HttpFunction): Grant[] {
  return [...new Set(routesOf(name).flatMap((route) => routes[route].grants as readonly Grant[]))].sort();
}
