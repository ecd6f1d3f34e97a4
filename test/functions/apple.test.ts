/** What a fetch costs. That every answer is as Apple's protocol has it is tested on the running system. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { fetchPass } from '../../functions/http/apple.ts';
import type { HttpRequest } from '../../functions/kit/serve.ts';
import { passToken } from '../../ledger/ledger.ts';
import { type AppleWorld, openAppleWorld, passType } from './apple-world.ts';

let apple: AppleWorld;
let memberId: MemberId;
beforeAll(async () => {
  apple = await openAppleWorld();
  memberId = await apple.newMember();
});
afterAll(() => apple.close());

const ask = (since?: string) => {
  const authorization = `ApplePass ${passToken(apple.deps.ledger, memberId)}`;
  const headers = { authorization, ...(since === undefined ? {} : { 'if-modified-since': since }) };
  const request = { params: { passType, serial: memberId }, headers };
  return fetchPass(apple.deps, request as unknown as HttpRequest<'getPass'>, true);
};

it('a phone that has the newest version costs one read: no pass is built, no certificate parsed', async () => {
  const first = await ask();
  expect(first.status).toBe(200);
  await apple.buy(memberId);
  const { headers } = await ask();
  await apple.buy(await apple.newMember());
  const modified = headers?.['last-modified'];
  const [reads, stringify] = [apple.spyOn('get'), vi.spyOn(JSON, 'stringify')];
  expect(await ask(modified)).toEqual({ status: 304, headers });
  expect(reads).toHaveBeenCalledTimes(1);
  // Neither the pass nor the secret was written out, to be signed or to be compared.
  expect(stringify).not.toHaveBeenCalled();
  reads.mockRestore();
  stringify.mockRestore();
  expect((await ask(first.headers?.['last-modified'])).status).toBe(200);
});
