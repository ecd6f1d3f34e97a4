import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseSamsungCredentials } from '../../../passes/samsung/index.ts';
import { secret } from './partner.ts';

function problemOf(changed: object): string {
  const parsed = parseSamsungCredentials({ ...secret, ...changed });
  if (parsed === null || !('problem' in parsed)) throw new Error('There is no problem.');
  return parsed.problem;
}

describe("Samsung's credentials", () => {
  it("are at Samsung's own addresses and by its own ways unless they say otherwise", () => {
    expect(parseSamsungCredentials(secret)).toMatchObject({
      partnerId: secret.partnerId,
      cardId: secret.cardId,
      certificateId: secret.certificateId,
      apiUrl: 'https://tsapi-card.walletsvc.samsung.com',
      linkUrl: 'https://a.swallet.link',
      countryCode: 'US',
      keyAlgorithm: 'RSA1_5',
      tokenSeconds: 300,
      balanceAttributes: ['balance', 'amount'],
    });
  });

  it('may differ in whatever could not be tried with Samsung', () => {
    const changed = {
      apiUrl: 'https://eu.example/',
      linkUrl: 'https://link.example',
      countryCode: 'FR',
      keyAlgorithm: 'RSA-OAEP-256',
      tokenSeconds: 60,
      balanceAttributes: ['points'],
    };
    expect(parseSamsungCredentials({ ...secret, ...changed })).toMatchObject({
      ...changed,
      apiUrl: 'https://eu.example',
    });
  });

  it('are not configured when the secret is empty', () => {
    expect(parseSamsungCredentials({})).toBeNull();
    expect(parseSamsungCredentials([])).toEqual({
      problem: "Samsung's secret must be a JSON object, not [].",
    });
  });

  it.each([
    [{ partnerId: '' }, /partnerId .* is "", but must be as the Partners Portal shows it/],
    [{ cardId: 'a/b' }, /cardId .* is "a\/b"/],
    [{ certificateId: 7 }, /certificateId .* is 7/],
    [{ apiUrl: 'samsung' }, /apiUrl .* is "samsung", but must be a URL/],
    [{ countryCode: 'FRA' }, /countryCode .* two letters/],
    [{ keyAlgorithm: 'dir' }, /keyAlgorithm .* one of RSA1_5, RSA-OAEP, RSA-OAEP-256/],
    [{ tokenSeconds: 0 }, /tokenSeconds .* a number of seconds/],
    [{ balanceAttributes: 'balance' }, /balanceAttributes .* a list of names/],
    [{ partner: '1' }, /unknown field partner; known are partnerId, /],
  ])('name every value that is wrong: %j', (changed, message) => {
    expect(problemOf(changed)).toMatch(message);
  });

  it('never quote a key, and take RSA keys only', () => {
    expect(problemOf({ privateKey: 'secret stuff' })).toBe(
      "privateKey of Samsung's secret is not an unencrypted RSA key in PEM.",
    );
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(problemOf({ samsungCertificate: publicKey.export({ type: 'spki', format: 'pem' }) })).toBe(
      "samsungCertificate of Samsung's secret is not an RSA certificate or key in PEM.",
    );
  });
});
