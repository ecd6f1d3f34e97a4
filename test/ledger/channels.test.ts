/**
 * Channels in the ledger, on every engine: what operators make of them, that one stays by which something has come, and
 * that what is stored of before goes on.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import {
  type ChannelPut,
  type ChannelRemoved,
  createKey,
  currentProgram,
  enrol,
  getAccount,
  type LedgerContext,
  listAudit,
  noteChannelUsed,
  putChannelOnce,
  putProgram,
  readChannels,
  recordPurchase,
  recordRefund,
  removeChannelOnce,
  toProgram,
  verifyLedger,
} from '../../ledger/ledger.ts';
import { outcomeOf } from '../../ledger/store/idempotency.ts';
import { keys } from '../../ledger/store/items.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const { version: _version, ...document } = defaultProgram({ bonuses: {}, stamps: [] });
const by = { keyId: 'key_ada', name: 'ada' };
const own = { multiplier: '3', pendingDays: 0 };
const naming = { ...document, channels: { ...document.channels, 'till-2': own } };

const put = (ledger: LedgerContext, wanted: object = {}, now = noon) =>
  outcomeOf<ChannelPut>((reply) =>
    putChannelOnce(ledger, { id: 'till-2', kind: 'store', name: 'Till', ...wanted }, by, reply, now),
  );
const remove = (ledger: LedgerContext, id = 'till-2') =>
  outcomeOf<ChannelRemoved>((reply) => removeChannelOnce(ledger, id, by, reply, noon));
const idsOf = async (ledger: LedgerContext) => [...(await readChannels(ledger)).keys()];

/** A ledger to which something else happens between its first decision and the writes of that. */
function whileMeeting(ledger: LedgerContext, other: () => Promise<unknown>): LedgerContext {
  let hasMet = false;
  const transact: LedgerContext['store']['transact'] = async (writes) => {
    if (!hasMet) {
      hasMet = true;
      await other();
    }
    return ledger.store.transact(writes);
  };
  return { ...ledger, store: { ...ledger.store, transact } };
}

async function newMember(ledger: LedgerContext): Promise<MemberId> {
  const outcome = await enrol(ledger, { ...document, version: 1 }, {}, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

describe.each(Object.entries(engines))('channels on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(() => engine?.stop());
  const test = it.skipIf(!wanted);
  const newLedger = async () => testContext(await engine.newStore());

  test('are the three of the beginning, until operators add, rename and pause some', async () => {
    const ledger = await newLedger();
    expect(await idsOf(ledger)).toEqual(['app', 'store', 'web']);
    await put(ledger);
    await put(ledger, { id: 'web', kind: 'web', name: 'Shop', paused: true }, noon + 1000);
    const known = await readChannels(ledger);
    expect([...known.keys()]).toEqual(['app', 'store', 'till-2', 'web']);
    expect(known.get('till-2')).toEqual({
      id: 'till-2',
      kind: 'store',
      name: 'Till',
      pausedAt: null,
      createdAt: '2026-11-22T12:00:00Z',
      usedAt: null,
    });
    expect(known.get('web')).toMatchObject({
      name: 'Shop',
      pausedAt: '2026-11-22T12:00:01Z',
      createdAt: null,
    });
    const audit = await listAudit(ledger, { limit: 10 });
    expect(audit.map(({ action, subject }) => `${action} ${subject}`).sort()).toEqual([
      'pause_channel channel web',
      'put_channel channel till-2',
    ]);
  });

  test('stay paused since the first moment, through another name, until they are resumed', async () => {
    const ledger = await newLedger();
    const pausedAt = async () => (await readChannels(ledger)).get('till-2')?.pausedAt;
    await put(ledger, { paused: true });
    await put(ledger, { name: 'Second till' }, noon + 1000);
    await put(ledger, { paused: true }, noon + 2000);
    expect(await pausedAt()).toBe('2026-11-22T12:00:00Z');
    await put(ledger, { paused: false }, noon + 3000);
    expect(await pausedAt()).toBeNull();
  });

  test('are a hundred at most, and each stays of its kind', async () => {
    const ledger = await newLedger();
    for (let count = 0; count < 97; count++) await put(ledger, { id: `t${count}` });
    expect(await put(ledger)).toEqual({ type: 'full' });
    expect(await put(ledger, { id: 't0', name: 'Renamed' })).toMatchObject({ type: 'put' });
    expect(await put(ledger, { id: 't0', kind: 'web' })).toEqual({ type: 'other_kind', kind: 'store' });
    expect(await put(ledger, { id: 'app', kind: 'web' })).toEqual({ type: 'other_kind', kind: 'app' });
  });

  test('go as long as nothing has come by them', async () => {
    const ledger = await newLedger();
    expect(await remove(ledger)).toEqual({ type: 'missing' });
    expect(await remove(ledger, 'store')).toEqual({ type: 'first' });
    await put(ledger);
    expect(await remove(ledger)).toEqual({ type: 'removed' });
    expect(await idsOf(ledger)).toEqual(['app', 'store', 'web']);
  });

  test('stay once they have had a key, or something came by them', async () => {
    const ledger = await newLedger();
    await put(ledger);
    await createKey(ledger, { name: 'till', role: 'channel', channel: 'till-2' }, by, noon);
    expect(await remove(ledger)).toEqual({ type: 'used' });
    await put(ledger, { id: 'kiosk', name: 'Kiosk' });
    expect(await noteChannelUsed(ledger, 'kiosk', noon)).toBe('noted');
    // Another name takes nothing of it back, and a second time writes nothing.
    await put(ledger, { id: 'kiosk', name: 'Another' });
    const before = await ledger.store.get(keys.channels);
    expect(await noteChannelUsed(ledger, 'kiosk', noon + 1000)).toBe('noted');
    expect(await ledger.store.get(keys.channels)).toEqual(before);
    expect(await remove(ledger, 'kiosk')).toEqual({ type: 'used' });
    expect(await noteChannelUsed(ledger, 'gone', noon)).toBe('missing');
  });

  test('of two that meet, the end of a channel and its first key, only one comes to pass', async () => {
    for (let round = 0; round < 8; round++) {
      const ledger = await newLedger();
      await put(ledger);
      const [made, removed] = await Promise.allSettled([
        createKey(ledger, { name: 'till', role: 'channel', channel: 'till-2' }, by, noon),
        remove(ledger),
      ]);
      const isThere = (await readChannels(ledger)).has('till-2');
      expect(made.status === 'fulfilled').toBe(isThere);
      expect(removed).toEqual({ status: 'fulfilled', value: { type: isThere ? 'used' : 'removed' } });
    }
  });

  test('are there whenever the programme in force names them', async () => {
    const ledger = await newLedger();
    expect(await putProgram(ledger, naming, by, noon)).toMatchObject({
      type: 'no_such_channel',
      errors: [{ path: 'channels.till-2' }],
    });
    await put(ledger);
    expect(await putProgram(ledger, naming, by, noon)).toEqual({ type: 'put', version: 1 });
    expect(await remove(ledger)).toEqual({ type: 'named' });
    await putProgram(ledger, document, by, noon);
    expect(await remove(ledger)).toEqual({ type: 'removed' });
  });

  test('of two that meet, their end and a programme that names them, only the first comes to pass', async () => {
    const ended = await newLedger();
    await put(ended);
    expect(await remove(whileMeeting(ended, () => putProgram(ended, naming, by, noon)))).toEqual({
      type: 'named',
    });
    const named = await newLedger();
    await put(named);
    expect(
      await putProgram(
        whileMeeting(named, () => remove(named)),
        naming,
        by,
        noon,
      ),
    ).toMatchObject({
      type: 'no_such_channel',
    });
    expect(await currentProgram(named)).toBeUndefined();
  });

  test('of before go on: a stored programme of three channels serves a fourth by its kind', async () => {
    const ledger = await newLedger();
    const file = join(import.meta.dirname, 'program-of-three-channels.json');
    const stored = JSON.parse(readFileSync(file, 'utf8'));
    for (const key of [keys.currentProgram, keys.programVersion(1)])
      await ledger.store.transact([{ put: { ...key, ...stored } }]);
    const found = await currentProgram(ledger);
    if (!found) throw new Error('There is no programme.');
    const program = toProgram(found);
    await put(ledger, { id: 'kiosk', kind: 'app', name: 'Kiosk' });
    const memberId = await newMember(ledger);
    const sold = aPurchase([10_000], {
      channel: 'kiosk',
      channelKind: 'app',
      id: 'kiosk:1',
      member: { memberId },
    });
    const posted = await recordPurchase(ledger, program, sold, noon);
    expect(posted).toMatchObject({ type: 'posted', record: { earning: { points: 120 } } });
    expect(await recordPurchase(ledger, program, sold, noon)).toMatchObject({ type: 'duplicate' });
    const refund = aRefund(sold, 5000, { channel: 'kiosk', id: 'kiosk:R1' });
    await recordRefund(ledger, program, refund, noon);
    const account = await getAccount(ledger, memberId);
    expect(account?.lots.map(({ points, availableAt }) => [points, availableAt])).toEqual([
      [60, '2026-12-05T23:00:00Z'],
    ]);
    const { differences } = await verifyLedger(ledger, { memberId, hasTime: () => true, differencesMax: 10 });
    expect(differences).toEqual([]);
  });
});
