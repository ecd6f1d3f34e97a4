/** How long a card's answers may be kept on their way: not at all, but for who says which version is shown already. */
import { expect, it, vi } from 'vitest';
import type { Deps } from '../../functions/deps.ts';
import { handler } from '../../functions/http/cards.ts';
import { cardToken, enrol } from '../../ledger/ledger.ts';
import { putInForce } from '../support/histories.ts';
import { httpEvent } from '../support/outside.ts';
import { newWorld } from '../support/ports.ts';
import { defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

it('a card is told as it is now, and some seconds old to a page that shows one already', async () => {
  const world = newWorld();
  current.deps = world.deps;
  await putInForce(world.ledger, defaultProgram());
  const enrolled = await enrol(world.ledger, defaultProgram(), { email: 'ann@example.com' }, noon);
  if (enrolled.type !== 'enrolled') throw new Error('The member exists already.');
  const params = { cardToken: cardToken(world.ledger, enrolled.member.account.memberId) };
  const get = async (query: Record<string, string>, headers: Record<string, string> = {}) =>
    (await handler(
      httpEvent('GET /v1/cards/{cardToken}', { params, query, headers }) as never,
      {} as never,
    )) as {
      statusCode: number;
      headers: Record<string, string>;
    };
  const now = await get({});
  expect(now.headers['cache-control']).toBe('private, no-cache');
  const polled = await get({ version: '2' });
  expect(polled.headers['cache-control']).toMatch(/^public, max-age=0, s-maxage=[1-5],/);
  expect(polled.headers['etag']).toBe(now.headers['etag']);
  const known = { 'if-none-match': now.headers['etag'] ?? '' };
  expect([(await get({}, known)).statusCode, (await get({ version: '2' }, known)).statusCode]).toEqual([
    304, 304,
  ]);
  expect((await get({ version: 'none' })).statusCode).toBe(400);
});
