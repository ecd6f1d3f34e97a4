/** The tokens both ways, as Samsung's public documentation describes them. */
import { describe, expect, it } from 'vitest';
import {
  addLink,
  cardData,
  checkAuthorization,
  loyaltyCard,
  type SamsungCard,
} from '../../../passes/samsung/index.ts';
import { ana, links } from '../views.ts';
import { credentialsOf, openCardData, openJws, requestToken, secret } from './partner.ts';

const now = Date.parse('2026-11-22T10:00:00.750Z');
const refId = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const card: SamsungCard = loyaltyCard({
  view: ana,
  links,
  refId,
  createdAt: '2026-01-01T00:00:00Z',
  publicUrl: 'https://philia.example',
  balanceAttributes: ['balance'],
});

describe('card data', () => {
  it('is signed by us around what only Samsung can read, with the headers that Samsung asks for', async () => {
    const { header, inner, card: read } = await openCardData(cardData(credentialsOf(), card, now));
    expect(header).toEqual({
      alg: 'RS256',
      cty: 'CARD',
      ver: '3',
      certificateId: secret.certificateId,
      partnerId: secret.partnerId,
      utc: now,
    });
    expect(inner).toEqual({ alg: 'RSA1_5', enc: 'A128GCM' });
    expect(read).toEqual(card);
  });

  it.each(['RSA-OAEP', 'RSA-OAEP-256'])(
    'wraps its key by %s where that is configured',
    async (keyAlgorithm) => {
      const { inner, card: read } = await openCardData(cardData(credentialsOf({ keyAlgorithm }), card, now));
      expect(inner).toEqual({ alg: keyAlgorithm, enc: 'A128GCM' });
      expect(read).toEqual(card);
    },
  );

  it('is encrypted with another key each time', () => {
    const [one, other] = [1, 2].map(() => cardData(credentialsOf(), card, now).split('.')[1]);
    expect(one).not.toBe(other);
  });
});

describe('the link that adds a card', () => {
  it('names the card’s template and carries the card after the hash, made at this moment', async () => {
    const [address, cdata = ''] = addLink(credentialsOf(), card, now).split('cdata=');
    expect(address).toBe(`https://a.swallet.link/atw/v3/${secret.cardId}#Clip?`);
    expect(cdata).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect((await openCardData(cdata)).header).toMatchObject({ utc: now });
  });
});

describe('a request of Samsung’s', () => {
  const path = `/samsung/cards/${secret.cardId}/${refId}`;
  const request = { method: 'GET' as const, paths: [path, path.replace('/samsung', '')], refId };
  const check = (token: string | undefined, at = now) =>
    checkAuthorization(credentialsOf(), token, request, at);

  it.each([
    ['with Bearer', async () => `Bearer ${await requestToken('GET', path, now)}`],
    ['without Bearer, as some of Samsung’s examples', () => requestToken('GET', path, now)],
    [
      'for the path under the partner’s address',
      () => requestToken('GET', path.replace('/samsung', ''), now),
    ],
    ['that names the card', () => requestToken('GET', path, now, { payload: { refId } })],
    ['signed by a clock five minutes behind', () => requestToken('GET', path, now - 300_000)],
    ['signed by a clock five minutes ahead', () => requestToken('GET', path, now + 300_000)],
  ])('is taken: %s', async (_, token) => {
    expect(check(await token())).toMatchObject({ type: 'authorized', signedAt: expect.any(Number) });
  });

  it.each<[string, () => Promise<string | undefined>]>([
    ['without a token', async () => undefined],
    ['with what is no token', async () => 'Bearer abc'],
    ['signed by somebody else', () => requestToken('GET', path, now, { by: 'somebody' })],
    ['by another algorithm', () => requestToken('GET', path, now, { header: { alg: 'none' } })],
    ['with a token for cards', () => requestToken('GET', path, now, { header: { cty: 'CARD' } })],
    ['for another partner', () => requestToken('GET', path, now, { header: { partnerId: '1' } })],
    ['by another method', () => requestToken('POST', path, now)],
    ['for another card', () => requestToken('GET', path.replace(/A$/, 'B'), now)],
    ['that names another card', () => requestToken('GET', path, now, { payload: { refId: 'other' } })],
    ['for no request', () => requestToken('GET', path, now, { payload: { API: undefined } })],
    ['that is too old', () => requestToken('GET', path, now - 300_001)],
    ['from the future', () => requestToken('GET', path, now + 300_001)],
    ['without a time', () => requestToken('GET', path, now, { header: { utc: undefined } })],
    [
      'with one letter of its path changed after it was signed',
      async () => {
        const [head, body = '', signature] = (await requestToken('GET', `${path}x`, now)).split('.');
        const changed = Buffer.from(body, 'base64url').toString().replace(`${path}x`, path);
        return `${head}.${Buffer.from(changed).toString('base64url')}.${signature}`;
      },
    ],
  ])('is refused %s', async (_, token) => {
    expect(check(await token()).type).toBe('refused');
  });
});

describe('a request of ours', () => {
  it('is bound to its method and path', async () => {
    const { authorization } = await import('../../../passes/samsung/tokens.ts');
    const token = authorization(
      credentialsOf(),
      { method: 'POST', path: '/US/wltex/cards/1/updates' },
      refId,
      now,
    );
    const { header, payload } = await openJws(token);
    expect(header).toMatchObject({ cty: 'AUTH', ver: '3', utc: now });
    expect(JSON.parse(payload)).toEqual({
      API: { method: 'POST', path: '/US/wltex/cards/1/updates' },
      refId,
    });
  });
});
