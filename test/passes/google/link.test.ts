import { verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classIdOf, loyaltyObject, objectIdOf, saveLink } from '../../../passes/google/index.ts';
import { ana, arbText, arbView, check, links } from '../views.ts';
import { credentialsOf, publicKey, secret } from './account.ts';

const now = Date.parse('2026-11-22T10:00:00.750Z');

function linkOf(changed: object = {}): string {
  const credentials = credentialsOf();
  const { issuerId } = credentials;
  const ids = { objectId: objectIdOf(issuerId, ana.memberId), classId: classIdOf(issuerId) };
  return saveLink({ credentials, ...ids, origins: ['https://philia.example'], now, ...changed });
}

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

  it('says who asks for what, when and from where, and no more of the card than its id', () => {
    expect(partsOf(linkOf()).claims).toEqual({
      iss: secret.serviceAccount.client_email,
      aud: 'google',
      typ: 'savetowallet',
      iat: Math.floor(now / 1000),
      origins: ['https://philia.example'],
      payload: {
        loyaltyObjects: [
          {
            id: `${secret.issuerId}.${ana.memberId}`,
            classId: `${secret.issuerId}.philia`,
            state: 'ACTIVE',
          },
        ],
      },
    });
  });

  it('stays below the 1,800 characters that every browser takes, with the longest ids there are', () => {
    const issuerId = '9'.repeat(20);
    const credentials = {
      ...credentialsOf(),
      clientEmail: `${'a'.repeat(30)}@${'p'.repeat(30)}.iam.gserviceaccount.com`,
    };
    const link = linkOf({
      credentials,
      objectId: objectIdOf(issuerId, ana.memberId),
      classId: classIdOf(issuerId),
      origins: [`https://${'d'.repeat(63)}.${'e'.repeat(63)}.example`],
    });
    expect(link.length).toBeLessThan(1800);
  });

  it('stays below them for any member of any programme: names, of people and of things, are not in it', () => {
    const long = fc.array(arbText, { minLength: 20, maxLength: 60 }).map((texts) => texts.join(' 🎉 '));
    check(
      fc.property(arbView, long, long, (view, name, programName) => {
        const { issuerId } = credentialsOf();
        const object = loyaltyObject({ ...view, name, programName }, links, issuerId);
        const link = linkOf({ objectId: object.id, classId: object.classId });
        expect(link.length).toBeLessThan(1800);
        expect(partsOf(link).claims.payload.loyaltyObjects).toEqual([
          { id: object.id, classId: object.classId, state: 'ACTIVE' },
        ]);
      }),
    );
  });
});
