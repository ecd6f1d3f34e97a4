/**
 * The card as its holder gets it: as JSON, and the way into each wallet. And, for operators, how the wallets'
 * credentials stand.
 */
import { createHash } from 'node:crypto';
import { Problem } from '../../core/contract/errors.ts';
import { findByLookup, getMember, type Member, noteAppleFetched, offerSamsung } from '../../ledger/ledger.ts';
import { bundlePasses } from '../../passes/apple/pass.ts';
import { addLink } from '../../passes/samsung/index.ts';
import type { Deps } from '../deps.ts';
import { serve } from '../kit/serve.ts';
import { cardAnswer, cardView, programOf } from '../members/present.ts';
import { getCertificates } from '../operators/certificates.ts';
import { loadApple } from '../wallets/apple.ts';
import { signPass } from '../wallets/apple-sign.ts';
import { googleLink } from '../wallets/google-card.ts';
import { isSamsungOffered, loadSamsung } from '../wallets/samsung.ts';
import { samsungCard } from '../wallets/samsung-card.ts';

async function memberOfToken(deps: Deps, token: string): Promise<Member> {
  const memberId = await findByLookup(deps.ledger, 'cardToken', token);
  const member = memberId && (await getMember(deps.ledger, memberId));
  if (!member) throw new Problem('not_found');
  return member;
}

/**
 * What a page that shows a version already is told may be some seconds old: CloudFront gives it to everybody who asks
 * with that version, so that many windows on one card cost as much as one. Everybody else is told what is now.
 */
const shared = 'public, max-age=0, s-maxage=2, must-revalidate';
const own = 'private, no-cache';

export const handler = serve('cards', {
  getCertificates,

  async getCard({ params, query, headers }, deps) {
    const member = await memberOfToken(deps, params.cardToken);
    const program = await programOf(deps);
    const view = await cardView(deps, program, member);
    const answer = await cardAnswer(deps, program, view, await isSamsungOffered(deps));
    const etag = `"${createHash('sha256').update(JSON.stringify(answer)).digest('base64url').slice(0, 22)}"`;
    const cached = { etag, 'cache-control': query.version === undefined ? own : shared };
    // What lies between may have made the tag a weak one: it is still the same card.
    if (headers['if-none-match']?.replace(/^W\//, '') === etag) return { status: 304, headers: cached };
    return { status: 200, body: answer, headers: cached };
  },

  async getApplePass({ params }, deps) {
    const member = await memberOfToken(deps, params.cardToken);
    const { credentials } = await loadApple(deps);
    const headers = {
      'content-disposition': 'attachment; filename="card.pkpass"',
      'last-modified': new Date(member.account.modifiedAt).toUTCString(),
    };
    const body = await signPass(deps, credentials, await programOf(deps), member);
    const { memberId, version } = member.account;
    await noteAppleFetched(deps.ledger, memberId, version, deps.now());
    return { status: 200, body, headers };
  },

  async getApplePasses({ query }, deps) {
    const members = await Promise.all(query.tokens.map((token) => memberOfToken(deps, token)));
    const { credentials } = await loadApple(deps);
    const program = await programOf(deps);
    const passes = await Promise.all(members.map((member) => signPass(deps, credentials, program, member)));
    for (const { account } of members)
      await noteAppleFetched(deps.ledger, account.memberId, account.version, deps.now());
    return {
      status: 200,
      body: bundlePasses(passes),
      headers: { 'content-disposition': 'attachment; filename="cards.pkpasses"' },
    };
  },

  async getGoogleLink({ params }, deps) {
    const member = await memberOfToken(deps, params.cardToken);
    const location = await googleLink(deps, await programOf(deps), member);
    if (location === undefined) throw new Problem('not_found');
    return { status: 302, headers: { location } };
  },

  async getSamsungLink({ params }, deps) {
    const member = await memberOfToken(deps, params.cardToken);
    const { credentials } = await loadSamsung(deps);
    const card = await samsungCard(deps, credentials, await programOf(deps), member);
    const { memberId, version } = member.account;
    const now = deps.now();
    await offerSamsung(deps.ledger, memberId, version, credentials.countryCode, now);
    // Made at the click: it is good for half a minute.
    return { status: 302, headers: { location: addLink(credentials, card, now) } };
  },
});
