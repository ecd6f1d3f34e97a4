import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseGoogleCredentials } from '../../../passes/google/index.ts';
import { secret } from './account.ts';

function problemOf(changed: object): string {
  const parsed = parseGoogleCredentials({ ...secret, ...changed });
  if (parsed === null || !('problem' in parsed)) throw new Error('There is no problem.');
  return parsed.problem;
}

describe("Google's credentials", () => {
  it('are an issuer and its service account', () => {
    expect(parseGoogleCredentials(secret)).toMatchObject({
      issuerId: secret.issuerId,
      clientEmail: 'wallet@philia-test.iam.gserviceaccount.com',
      tokenUri: 'https://token.test/token',
      walletUrl: 'https://wallet.test',
    });
  });

  it("are at Google's own addresses unless they say otherwise", () => {
    const { token_uri: _, ...serviceAccount } = secret.serviceAccount;
    expect(parseGoogleCredentials({ issuerId: '1', serviceAccount })).toMatchObject({
      tokenUri: 'https://oauth2.googleapis.com/token',
      walletUrl: 'https://walletobjects.googleapis.com',
      callbackKeysUrl: 'https://pay.google.com/gp/m/issuer/keys',
    });
  });

  it('are not configured when the secret is empty', () => {
    expect(parseGoogleCredentials({})).toBeNull();
  });

  it('name every value that is wrong, and what would be right', () => {
    const { serviceAccount } = secret;
    expect(problemOf({ issuerId: 12 })).toBe(
      "issuerId of Google's secret is 12, but must be a text of digits, as the Wallet Console shows it.",
    );
    expect(problemOf({ issuer: '12' })).toBe(
      "Google's secret has the unknown field issuer; known are issuerId, serviceAccount, walletUrl, callbackKeysUrl.",
    );
    expect(problemOf({ walletUrl: 'wallet.test' })).toMatch(
      /walletUrl .* is "wallet.test", but must be a URL/,
    );
    expect(problemOf({ callbackKeysUrl: 'keys' })).toMatch(/callbackKeysUrl .* is "keys", but must be a URL/);
    expect(problemOf({ serviceAccount: { ...serviceAccount, client_email: 'wallet' } })).toMatch(
      /serviceAccount.client_email .* is "wallet", but must be the account's address/,
    );
    expect(problemOf({ serviceAccount: 'a file' })).toMatch(/serviceAccount .* is "string"/);
  });

  it('never quote a key, and take RSA keys only', () => {
    const { serviceAccount } = secret;
    const problem = 'serviceAccount.private_key is not an unencrypted RSA key in PEM.';
    expect(problemOf({ serviceAccount: { ...serviceAccount, private_key: 'secret stuff' } })).toBe(problem);
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    expect(problemOf({ serviceAccount: { ...serviceAccount, private_key: pem } })).toBe(problem);
  });
});
