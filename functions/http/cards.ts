/**
 * The card as its holder gets it: as JSON, and the way into each wallet. And, for operators, how the wallets'
 * credentials stand.
 */
import { createHash } from 'node:crypto';
import { brandOf, iconSvg } from '../../core/brand.ts';
import { Problem } from '../../core/contract/errors.ts';
import { noteAppleFetched, offerSamsung } from '../../ledger/ledger.ts';
import { bundlePasses } from '../../passes/apple/pass.ts';
import { addLink } from '../../passes/samsung/index.ts';
import type { Deps } from '../deps.ts';
import { type Answer, serve } from '../kit/serve.ts';
import { cardAnswer, cardView, memberOfToken, programOf } from '../members/present.ts';
import { getCertificates } from '../operators/certificates.ts';
import { loadApple } from '../wallets/apple.ts';
import { signPass } from '../wallets/apple-sign.ts';
import { googleLink } from '../wallets/google-card.ts';
import { offeredWallets } from '../wallets/offered.ts';
import { loadSamsung } from '../wallets/samsung.ts';
import { samsungCard } from '../wallets/samsung-card.ts';

/**
 * What a page that shows a version already is told may be some seconds old: CloudFront gives it to everybody who asks
 * with that version, so that many windows on one card cost as much as one. Everybody else is told what is now.
 */
const shared = 'public, max-age=0, s-maxage=2, must-revalidate';
const own = 'private, no-cache';
/** What is the same for all: the edge keeps it for half a minute, so that a new programme shows soon. */
const everybodys = 'public, max-age=0, s-maxage=30, must-revalidate';

/** The answer, or that it is what the caller has. What lies between may have made the tag a weak one. */
function unlessKnown(headers: Headers, body: unknown, cacheControl: string): Answer {
  const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 22)}"`;
  const cached = { etag, 'cache-control': cacheControl };
  if (headers['if-none-match']?.replace(/^W\//, '') === etag) return { status: 304, headers: cached };
  return { status: 200, body, headers: cached };
}

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * A wallet's address as a person's browser opens it: what cannot be given is said on the card's page, and not in JSON.
 * Phones and programs are told as ever.
 */
async function orCardPage(
  headers: Headers,
  deps: Deps,
  token: string,
  give: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await give();
  } catch (error) {
    if (!(error instanceof Problem) || !/\btext\/html\b/.test(headers['accept'] ?? '')) throw error;
    return { status: 303, headers: { location: `${deps.publicUrl}/card/${token}#wallet` } };
  }
}

export const handler = serve('cards', {
  getCertificates,

  async getBrand({ headers }, deps) {
    return unlessKnown(headers, brandOf(await programOf(deps)), everybodys);
  },

  async getBrandIcon(_request, deps) {
    const body = Buffer.from(iconSvg(await programOf(deps)));
    return { status: 200, body, headers: { 'cache-control': everybodys } };
  },

  async getCard({ params, query, headers }, deps) {
    const member = await memberOfToken(deps, params.cardToken);
    const { account, profile } = member;
    const program = await programOf(deps);
    // In another language the card says what the member's own would.
    const locale = query.language ?? profile.locale;
    const view = await cardView(deps, program, { account, profile: { ...profile, locale } });
    const answer = await cardAnswer(deps, program, member, view, await offeredWallets(deps));
    return unlessKnown(headers, answer, query.version === undefined ? own : shared);
  },

  async getApplePass({ params, headers }, deps) {
    return orCardPage(headers, deps, params.cardToken, async () => {
      const member = await memberOfToken(deps, params.cardToken);
      const { credentials } = await loadApple(deps);
      const given = {
        'content-disposition': 'attachment; filename="card.pkpass"',
        'last-modified': new Date(member.account.modifiedAt).toUTCString(),
      };
      const body = await signPass(deps, credentials, await programOf(deps), member);
      const { memberId, version } = member.account;
      await noteAppleFetched(deps.ledger, memberId, version, deps.now());
      return { status: 200, body, headers: given };
    });
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

  async getGoogleLink({ params, headers }, deps) {
    return orCardPage(headers, deps, params.cardToken, async () => {
      const member = await memberOfToken(deps, params.cardToken);
      const location = await googleLink(deps, await programOf(deps), member);
      if (location === undefined) throw new Problem('not_found');
      return { status: 302, headers: { location } };
    });
  },

  async getSamsungLink({ params, headers }, deps) {
    return orCardPage(headers, deps, params.cardToken, async () => {
      const member = await memberOfToken(deps, params.cardToken);
      const { credentials } = await loadSamsung(deps);
      const view = await cardView(deps, await programOf(deps), member);
      const card = await samsungCard(deps, credentials, member.account, view);
      const { memberId, version } = member.account;
      const now = deps.now();
      await offerSamsung(deps.ledger, memberId, version, credentials.countryCode, now);
      // Made at the click: it is good for half a minute.
      return { status: 302, headers: { location: addLink(credentials, card, now) } };
    });
  },
});
