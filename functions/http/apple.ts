/**
 * Apple's pass web service. Source: Apple, Wallet Passes: register, unregister, list and fetch passes, log.
 * A pass that is not there and a token that is wrong are one answer: 401, with nothing written.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Account } from '../../core/account.ts';
import { Problem } from '../../core/contract/errors.ts';
import { idSchema, type MemberId } from '../../core/contract/ids.ts';
import {
  changedPasses,
  forgetTold,
  getAccount,
  getCardAccount,
  getMember,
  getMovedProfile,
  keepAppleLog,
  noteAppleFetched,
  passToken,
  registerDevice,
  unregisterDevice,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { type Answer, type HttpRequest, serve } from '../kit/serve.ts';
import { programOf } from '../members/present.ts';
import { loadApple } from '../wallets/apple.ts';
import { type CardHolder, signPass } from '../wallets/apple-sign.ts';
import { tellNewcomer } from '../wallets/apple-tell.ts';
import { measureLag } from '../wallets/lag.ts';

interface PassRequest {
  readonly params: { readonly passType: string; readonly serial: string };
  readonly headers: Readonly<Record<string, string | undefined>>;
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * The member whose pass a phone asks for.
 * @throws Problem `unauthorized` unless the token is that pass's own and the pass type ours
 */
async function authorizedMember(deps: Deps, { params, headers }: PassRequest): Promise<MemberId> {
  const [, token = ''] = /^ApplePass (\S{16,256})$/.exec(headers['authorization'] ?? '') ?? [];
  const serial = idSchema('member').safeParse(params.serial);
  // An unknown serial has a token like any other, so both refusals cost the same.
  const expected = passToken(deps.ledger, params.serial as MemberId);
  const { credentials } = await loadApple(deps);
  if (!same(token, expected) || !serial.success || params.passType !== credentials.passTypeIdentifier)
    throw new Problem('unauthorized');
  return serial.data;
}

async function accountVersion(deps: Deps, memberId: MemberId): Promise<number> {
  const account = await getCardAccount(deps.ledger, memberId);
  if (!account) throw new Problem('unauthorized');
  return account.version;
}

/**
 * The answer to a fetch: 304 when the phone has this version, which costs one read of the ledger, else the
 * pass, or for a HEAD its headers.
 */
export async function fetchPass(
  deps: Deps,
  request: HttpRequest<'getPass'> | HttpRequest<'headPass'>,
  withBody: boolean,
): Promise<Answer> {
  const memberId = await authorizedMember(deps, request);
  const account = await getAccount(deps.ledger, memberId);
  if (!account) throw new Problem('unauthorized');
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  const headers = lastModified(account.modifiedAt);
  if (since >= Date.parse(account.modifiedAt)) return { status: 304, headers };
  return withBody ? newestPass(deps, account) : { status: 200, headers };
}

async function newestPass(deps: Deps, account: Account): Promise<Answer> {
  const { memberId } = account;
  const [member, program, { credentials }] = await Promise.all([
    account.status === 'merged' ? undefined : getMember(deps.ledger, memberId),
    programOf(deps),
    loadApple(deps),
  ]);
  // Who was merged has no card of their own any more: theirs says that it has moved.
  const moved = account.status === 'merged' ? await getMovedProfile(deps.ledger, memberId) : undefined;
  const holder: CardHolder = member ?? { account, profile: moved };
  // Who leaves at this very moment is met the next time, by the phone that is told of it.
  if (!member && account.status === 'active') throw new Problem('unauthorized');
  const body = await signPass(deps, credentials, program, holder);
  // The pass of who has left is void: a phone that has it need not be remembered any longer.
  if (account.status === 'closed') await forgetTold(deps.ledger, memberId);
  const { version } = holder.account;
  const before = await noteAppleFetched(deps.ledger, memberId, version, deps.now());
  if (before?.fetched) await measureLag(deps, holder.account, before.fetched.version);
  // Of the version that the body shows, which may be newer than what was read above.
  return { status: 200, body, headers: lastModified(holder.account.modifiedAt) };
}

function lastModified(modifiedAt: string) {
  return { 'last-modified': new Date(modifiedAt).toUTCString() };
}

export const handler = serve('apple', {
  async registerDevice(request, deps) {
    const memberId = await authorizedMember(deps, request);
    const { device, passType } = request.params;
    const version = await accountVersion(deps, memberId);
    const { pushToken } = request.body;
    const [wanted, now] = [{ memberId, device, passType, pushToken }, deps.now()];
    const outcome = await registerDevice(deps.ledger, wanted, version, now);
    if (outcome === 'gone') throw new Problem('unauthorized');
    await tellNewcomer(deps, { ...wanted, registeredAt: now }, outcome === 'created');
    return { status: outcome === 'created' ? 201 : 200 };
  },

  async unregisterDevice(request, deps) {
    const memberId = await authorizedMember(deps, request);
    await unregisterDevice(deps.ledger, memberId, request.params.device);
    return { status: 200 };
  },

  async listChangedPasses({ params, query }, deps) {
    const since = query.passesUpdatedSince ?? '0';
    // A tag that is not one of ours cannot say what the phone has: everything is listed.
    const after = /^\d{1,16}$/.test(since) ? Number(since) : 0;
    const { serials, tag } = await changedPasses(deps.ledger, params.device, params.passType, after);
    if (serials.length === 0) return { status: 204 };
    return { status: 200, body: { serialNumbers: serials, lastUpdated: String(tag) } };
  },

  async getPass(request, deps) {
    return fetchPass(deps, request, true);
  },

  async headPass(request, deps) {
    return fetchPass(deps, request, false);
  },

  async logFromDevice({ body }, deps) {
    await keepAppleLog(deps.ledger, body.logs, deps.now());
    return { status: 200 };
  },
});
