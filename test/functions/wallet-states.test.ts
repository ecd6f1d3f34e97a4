/** What operators are told of the wallets' credentials: as much as helps, and nothing of the secrets. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { WalletSecret } from '../../core/contract/functions.ts';
import { routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { getCertificates } from '../../functions/operators/certificates.ts';
import { type Chain, makeChain } from '../passes/apple/chain.ts';
import { secret as googleSecret } from '../passes/google/account.ts';
import { secret as samsungSecret } from '../passes/samsung/partner.ts';

const at = '2026-11-22T10:00:00Z';
let chain: Chain;
let other: Chain;
beforeAll(async () => {
  [chain, other] = await Promise.all([makeChain({ leafUntil: '2027-01-01' }), makeChain()]);
});

function appleSecret(changed: object = {}) {
  const { certificate, privateKey, wwdr } = chain;
  const names = { passTypeIdentifier: 'pass.test.philia', teamIdentifier: 'TEAM000001' };
  return { ...names, certificate, privateKey, wwdr, ...changed };
}

/** The answer to a system whose secrets are these texts, checked as the route checks it. */
async function answerFor(given: Partial<Record<WalletSecret, string>>, now = at) {
  const deps: Pick<Deps, 'now' | 'walletSecret'> = {
    now: () => Date.parse(now),
    walletSecret: async (which) => JSON.parse(given[which] ?? '{}'),
  };
  const request = {} as Parameters<typeof getCertificates>[0];
  const { status, body } = await getCertificates(request, deps as Deps);
  expect(status).toBe(200);
  return routes.getCertificates.answers[200].parse(body);
}

const text = JSON.stringify;

describe('GET /v1/certificates', () => {
  it("says until when Apple's certificates hold, in whole days", async () => {
    const { apple, google } = await answerFor({ apple: text(appleSecret()), google: text(googleSecret) });
    expect(apple).toEqual({
      configured: true,
      passTypeIdentifier: 'pass.test.philia',
      teamIdentifier: 'TEAM000001',
      notAfter: '2027-01-01T00:00:00Z',
      daysLeft: 39,
    });
    expect(google).toEqual({ configured: true });
  });

  it('tells what is not configured apart from what cannot be used', async () => {
    const expired = await answerFor({ apple: text(appleSecret()), google: '{}' }, '2027-01-01T00:00:00Z');
    expect(expired.google).toEqual({ configured: false });
    expect(expired.apple).toEqual({ configured: true, problem: expect.stringContaining('expired at 2027') });
    const none = await answerFor({ apple: '{}', google: text({ ...googleSecret, issuerId: 'x' }) });
    expect(none.apple).toEqual({ configured: false });
    expect(none.samsung).toEqual({ configured: false });
    const samsung = async (secret: object) => (await answerFor({ samsung: text(secret) })).samsung;
    expect(await samsung(samsungSecret)).toEqual({ configured: true });
    expect(await samsung({ ...samsungSecret, countryCode: 'FRA' })).toEqual({
      configured: true,
      problem: expect.stringContaining('countryCode'),
    });
    expect(none.google).toEqual({ configured: true, problem: expect.stringContaining('issuerId') });
  });

  it("names a wrong type, a wrong team and another certificate's key", async () => {
    const problemOf = async (changed: object) =>
      (await answerFor({ apple: text(appleSecret(changed)), google: '{}' })).apple.problem;
    expect(await problemOf({ passTypeIdentifier: 'pass.other' })).toContain('pass type (UID)');
    expect(await problemOf({ teamIdentifier: 'TEAM000002' })).toContain('team (OU)');
    expect(await problemOf({ privateKey: other.privateKey })).toContain('does not belong');
  });

  it('tells a secret that is not JSON without quoting it', async () => {
    const answer = await answerFor({ apple: 'my key', google: '', samsung: 'my key' });
    expect(answer.apple).toEqual({ configured: true, problem: 'The secret of apple is not JSON.' });
    expect(answer.google).toEqual({ configured: true, problem: 'The secret of google is not JSON.' });
    expect(answer.samsung).toEqual({ configured: true, problem: 'The secret of samsung is not JSON.' });
  });

  it('never tells anything of a key, whatever is wrong', async () => {
    const { serviceAccount } = googleSecret;
    const broken = (pem: string) => pem.slice(1);
    const wrong = [
      {
        apple: chain.privateKey,
        google: serviceAccount.private_key,
        samsung: samsungSecret.privateKey,
      },
      {
        apple: text(appleSecret({ certificate: other.certificate })),
        google: text({ ...googleSecret, issuerId: '' }),
        samsung: text({ ...samsungSecret, partnerId: '' }),
      },
      {
        apple: text(appleSecret({ privateKey: broken(chain.privateKey) })),
        google: text({
          ...googleSecret,
          serviceAccount: { ...serviceAccount, private_key: broken(serviceAccount.private_key) },
        }),
        samsung: text({ ...samsungSecret, privateKey: broken(samsungSecret.privateKey) }),
      },
    ];
    const pems = [chain.privateKey, serviceAccount.private_key, samsungSecret.privateKey];
    const secrets = pems.map((pem) => pem.split('\n')[2]);
    for (const texts of wrong) {
      const answer = await answerFor(texts);
      expect(answer).toMatchObject({
        apple: { problem: expect.any(String) },
        google: { problem: expect.any(String) },
        samsung: { problem: expect.any(String) },
      });
      for (const secret of secrets) expect(text(answer)).not.toContain(secret);
    }
  });
});
