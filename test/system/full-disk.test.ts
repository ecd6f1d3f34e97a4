/**
 * A disk that is really full: a file system of its own in memory, filled while tills post. What was accepted is kept,
 * the rest is refused, and all goes on once there is room. It takes the right to mount, and is skipped without it.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript, type System, startSystem } from '../support/system.ts';

const usual = process.env['TMPDIR'];
const place = mkdtempSync(join(tmpdir(), 'philia-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', place], { encoding: 'utf8' });
const refusal = mounted.error?.message ?? (mounted.status === 0 ? undefined : mounted.stderr.trim());
if (refusal !== undefined) console.info(`No file system can be mounted here, so none is filled: ${refusal}`);

const ballast = join(place, 'ballast');
const free = () => {
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
};

/** Takes what room is left, but for so much; the system, which is at work, may be faster. */
function fill(left = 0): void {
  const file = openSync(ballast, 'a');
  try {
    for (let room = free() - left; room > 0; room = free() - left)
      appendFileSync(file, Buffer.alloc(Math.min(room, 1024 * 1024)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

describe.skipIf(refusal !== undefined)('a full disk', () => {
  let system: System;
  const accepted: string[] = [];
  let refused = 0;
  let memberId: string;
  let serial = 0;

  beforeAll(async () => {
    process.env['TMPDIR'] = place;
    system = await startSystem();
    const enrolled = await system.call('POST', '/v1/members', { email: 'ada@example.com' }, 'store');
    memberId = enrolled.body.memberId;
    await system.idle();
  });
  afterAll(async () => {
    await system?.remove();
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    spawnSync('umount', [place]);
    rmSync(place, { recursive: true, force: true });
  });

  async function buy(): Promise<void> {
    const id = `FULL-${++serial}`;
    const lines = [{ id: '1', sku: 'A', quantity: 1, amountMinor: 100, category: 'kitchen' }];
    const sale = { id, occurredAt: new Date().toISOString(), currency: 'EUR', lines, totalMinor: 100 };
    const { status } = await system.call('POST', '/v1/purchases', { ...sale, member: { memberId } }, 'store');
    expect([202, 503]).toContain(status);
    if (status === 202) accepted.push(id);
    else refused++;
  }

  /** What a queue could not note as done stays hidden a few minutes, and then comes again: the clock goes there. */
  async function settled(): Promise<void> {
    const { body: clock } = await system.call('GET', '/local/clock');
    const now = new Date(Date.parse(clock.now) + 10 * 60_000).toISOString();
    expect((await system.call('PUT', '/local/clock', { now })).status).toBe(200);
    await system.idle();
  }

  it('refuses what it cannot keep, keeps what it has accepted, and goes on', async () => {
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 10 }, buy));
      const before = refused;
      // Full in the middle of work, the last time from one moment to the next.
      fill(round === 2 ? 0 : 40_960);
      for (let turn = 0; turn < 40 && refused < before + 10; turn++)
        await Promise.all(Array.from({ length: 5 }, buy));
      expect(refused).toBeGreaterThanOrEqual(before + 10);
      // What only reads answers as before.
      const read = await system.call('GET', `/v1/members/${memberId}`, undefined, 'store');
      expect(read.status).toBe(200);
      rmSync(ballast);
      for (let turn = 0; turn < 5; turn++) await buy();
    }
    await settled();
    for (const id of accepted) {
      const { body } = await system.call('GET', `/v1/purchases/store:${id}`, undefined, 'store');
      expect([id, body.status]).toEqual([id, 'posted']);
    }
    const { body } = await system.call('GET', `/v1/members/${memberId}`, undefined, 'store');
    expect(body.balance.available).toBe(50 + accepted.length);
  });

  it.each([
    ['nothing', 0],
    ['the build', 4 * 1024 * 1024],
  ])('is, at a start, one sentence with the path where there is no room for %s', async (_what, left) => {
    await system.kill();
    rmSync(join(system.dataDirectory, 'cdk.out'), { recursive: true, force: true });
    fill(left);
    const args = ['--port', '0', '--data', system.dataDirectory];
    const { code, stderr } = await runScript('local/main.ts', args);
    rmSync(ballast);
    expect(code).toBe(1);
    const said = stderr.trim().split('\n').at(-1);
    expect(said).toMatch(/^There is no room left on the disk of \S+: /);
    expect(said).toContain(place);
    expect(stderr).not.toContain('    at ');
  });

  it('leaves a ledger without a difference', async () => {
    system = await system.restart();
    await settled();
    const { body } = await system.call('GET', `/v1/members/${memberId}`, undefined, 'store');
    expect(body.balance.available).toBe(50 + accepted.length);
    const { code, stdout } = await runScript('cli/philia.js', ['verify', '--data', system.dataDirectory]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/differences {2}0\n/)]);
  });
});
