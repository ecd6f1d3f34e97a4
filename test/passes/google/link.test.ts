import { verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CardView } from '../../../core/card.ts';
import { linkCharactersMax, loyaltyObject, saveLink } from '../../../passes/google/index.ts';
import { ana, arbText, arbView, check, links } from '../views.ts';
import { credentialsOf, publicKey, secret } from './account.ts';

const now = Date.parse('2026-11-22T10:00:00.750Z');

function saved(changed: Partial<Parameters<typeof saveLink>[0]> = {}, view: CardView = ana) {
  const credentials = credentialsOf();
  const object = loyaltyObject(view, links, credentials.issuerId);
  return saveLink({ credentials, object, origins: ['https://philia.example'], now, ...changed });
}
const linkOf = (...given: Parameters<typeof saved>) => saved(...given).url;

function partsOf(link: string) {
  const [head = '', claims = '', signature = ''] = link.slice(link.lastIndexOf('/') + 1).split('.');
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { head: decode(head), claims: decode(claims), signed: `${head}.${claims}`, signature };
}

describe('the link that saves a card', () => {
  it("is a token signed by the account's key, on Google's page", () => {
    const link = linkOf();
    expect(link).toMatch(/^https:\/\/pay\.google\.com\/gp\/v\/save\/[\w-]+\.[\w-]+\.[\w-]+$/);
    const { head, signed, signature } = partsOf(link);
    expect(head).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(verify('sha256', Buffer.from(signed), publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('says who asks for what, when and from where, and all of the card in the words of its member', () => {
    const { claims } = partsOf(linkOf({}, { ...ana, locale: 'fr', expiring: [], vouchers: [] }));
    const { payload, ...envelope } = claims;
    expect(envelope).toEqual({
      iss: secret.serviceAccount.client_email,
      aud: 'google',
      typ: 'savetowallet',
      iat: Math.floor(now / 1000),
      origins: ['https://philia.example'],
    });
    expect(payload.loyaltyObjects).toEqual([
      {
        id: `${secret.issuerId}.${ana.memberId}`,
        classId: `${secret.issuerId}.philia`,
        state: 'ACTIVE',
        accountId: ana.cardNumber,
        accountName: 'Ana Lopes',
        loyaltyPoints: { label: 'Points', balance: { int: 1240 } },
        secondaryLoyaltyPoints: { label: 'Points en attente', balance: { int: 120 } },
        barcode: { type: 'EAN_13', value: ana.cardNumber, alternateText: ana.cardNumber },
        textModulesData: [
          { id: 'tier', header: 'Votre statut', body: 'Complice' },
          { id: 'nextTier', header: 'Prochain statut', body: '760 points avant Intime' },
          { id: 'tierUntil', header: 'Statut valable jusqu’au', body: '30 novembre 2027' },
          { id: 'stamp-coffee', header: 'Coffee card', body: '3 / 5' },
        ],
        linksModuleData: { uris: [{ id: 'card', uri: links.cardUrl, description: 'Votre carte en ligne' }] },
      },
    ]);
  });

  it('holds the whole card of a new member', () => {
    const balance = { available: 50, pending: 0, held: 0, debt: 0 };
    const fresh = { ...ana, balance, vouchers: [], tier: { ...ana.tier, validUntil: null } };
    const link = saved({}, { ...fresh, expiring: [{ points: 50, at: '2027-11-30T23:00:00Z' }] });
    console.info(`${link.url.length} characters`);
    expect(link.isWhole).toBe(true);
  });

  it('says when it does not hold all of it', () => {
    const vouchers = Array.from({ length: 8 }, (_, index) => ({
      code: `7K2M9QWERTY4${index}`,
      name: 'A coffee on us, any size, with a pastry of your choice',
      type: 'gift',
      expiresAt: null,
    }));
    const link = saved({}, { ...ana, vouchers });
    expect(link.isWhole).toBe(false);
    expect(partsOf(link.url).claims.payload.loyaltyObjects[0]).toMatchObject({ accountName: 'Ana Lopes' });
  });

  it('stays below the 1,800 characters that every browser takes, with the longest ids there are', () => {
    const issuerId = '9'.repeat(20);
    const credentials = {
      ...credentialsOf(),
      clientEmail: `${'a'.repeat(30)}@${'p'.repeat(30)}.iam.gserviceaccount.com`,
    };
    const link = linkOf({
      credentials,
      object: loyaltyObject(ana, links, issuerId),
      origins: [`https://${'d'.repeat(63)}.${'e'.repeat(63)}.example`],
    });
    expect(link.length).toBeLessThanOrEqual(linkCharactersMax);
  });

  it('stays below them for any member of any programme, and always has number, points and barcode', () => {
    const long = fc
      .array(arbText, { minLength: 20, maxLength: 60, size: 'max' })
      .map((texts) => texts.join(' 🎉 '));
    check(
      fc.property(arbView, long, (view, name) => {
        const named = { ...view, name: view.name && name };
        const { url, isWhole } = saved({}, named);
        const { issuerId } = credentialsOf();
        const { id, classId, state, accountId, barcode } = loyaltyObject(named, links, issuerId);
        expect(url.length).toBeLessThanOrEqual(linkCharactersMax);
        const [object] = partsOf(url).claims.payload.loyaltyObjects;
        expect(object).toMatchObject({ id, classId, state, loyaltyPoints: { balance: {} } });
        if (barcode) expect(object).toMatchObject({ accountId, barcode });
        expect(JSON.stringify(object)).not.toContain('localized');
        if (isWhole && named.name) expect(object.accountName).toBe(named.name);
      }),
    );
  });
});
