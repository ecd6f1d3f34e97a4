/** What logs say of where requests come from: one source from another, for a day, and never an address. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type RouteName, routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { knock, stray } from '../support/doors.ts';
import { newWorld } from '../support/ports.ts';
import { noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

const clock = { now: noon };
let lines: string[];
beforeEach(() => {
  clock.now = noon;
  lines = [];
  const say = (...said: unknown[]) => void lines.push(JSON.stringify(said));
  const logger = { debug: say, info: say, warn: say, error: say };
  current.deps = { ...newWorld(clock).deps, logger };
});

const from = (address: string) => ({ 'x-forwarded-for': `${address}, 130.176.0.1` });

/** The name of a source in the line of one request. */
async function named(address: string): Promise<string> {
  lines.length = 0;
  await knock('listRewards', { headers: from(address) });
  const [, { source }] = JSON.parse(lines[0] ?? '');
  return source;
}

describe.each(Object.keys(routes) as RouteName[])('%s', (name) => {
  it.each(['203.0.113.77', '2001:db8:77:1::5'])('names its source and no address: %s', async (address) => {
    await knock(name, { headers: from(address) });
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toMatch(/"source":"[\w-]{16}"/);
    for (const line of lines) expect(line).not.toMatch(/203\.0\.113|2001:db8|130\.176|192\.0\.2/);
  });
});

it('is named where there is no route, too', async () => {
  await stray('GET', '/v1/nothing', from('203.0.113.77'));
  expect(lines).toHaveLength(1);
});

it('is told from others within a day, and not followed into the next', async () => {
  const first = await named('203.0.113.77');
  expect(await named('203.0.113.77')).toBe(first);
  expect(await named('203.0.113.78')).not.toBe(first);
  clock.now += 24 * 3_600_000;
  expect(await named('203.0.113.77')).not.toBe(first);
});
