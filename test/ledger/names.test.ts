/** Whatever a programme, a channel or a member calls things, also as what every object has: it counts like any other. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownId } from '../../core/contract/ids.ts';
import { enrolment } from '../../core/contract/shapes/member.ts';
import { type ProgramDocument, programDocument } from '../../core/program.ts';
import { programDifference } from '../../core/program-difference.ts';
import { statusOf } from '../../core/purchases.ts';
import { refundedMinor } from '../../core/remains.ts';
import {
  changeProfile,
  claimPurchase,
  enrol,
  getAccount,
  getMember,
  getPurchase,
  recordPurchase,
  recordRefund,
  toProgram,
  verifyLedger,
} from '../../ledger/ledger.ts';
import { decode, encode } from '../../ledger/store/attributes.ts';
import { putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const prototypeNames = Object.getOwnPropertyNames(Object.prototype);
/** What a programme lets its things be called. */
const idNames = prototypeNames.filter((name) => /^[a-z0-9][a-z0-9-]*$/.test(name));

/** A programme whose campaign, stamp card, reward and tier are all called so. */
function programOf(id: string): ProgramDocument {
  const { version: _version, ...document } = defaultProgram();
  return programDocument.parse({
    ...document,
    excludedCategories: prototypeNames,
    tiers: [...document.tiers, { ...document.tiers.at(-1), id, threshold: 1_000_000 }],
    campaigns: [
      {
        id,
        name: id,
        from: '2026-01-01T00:00:00Z',
        to: '2027-01-01T00:00:00Z',
        multiplier: '2',
        budgetPoints: 1000,
      },
    ],
    rewards: [{ id, name: id, type: 'experience', points: 10 }],
    stamps: [{ id, name: id, when: "line.sku != ''", of: 3, reward: id }],
  });
}

describe('names of the prototype', () => {
  it('can be lines, and one can be everything that a programme names', () => {
    expect(idNames).toContain('constructor');
    for (const name of prototypeNames) expect(ownId.safeParse(name).success).toBe(true);
  });

  it('are names like others for what a programme changes', () => {
    const [one, other] = [
      defaultProgram(),
      toProgram({ version: 2, document: programOf('constructor') } as never),
    ];
    const paths = programDifference(one, other).map(({ path }) => path);
    for (const list of ['campaigns', 'stamps', 'rewards', 'tiers'])
      expect(paths.some((path) => path.startsWith(`${list}.constructor`))).toBe(true);
    expect(programDifference(other, other)).toEqual([]);
  });
});

describe('an item', () => {
  it('is as it was when it comes from the table, whatever its fields are called', () => {
    const name = fc.oneof(fc.constantFrom(...prototypeNames), fc.string());
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any')),
        fc.array(fc.tuple(name, tie('any'))).map((fields) => Object.fromEntries(fields)),
      ),
    })).any;
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (fields) => {
        const item = Object.fromEntries(fields);
        expect(JSON.stringify(decode(encode(item)))).toBe(JSON.stringify(item));
      }),
      runs(500) as object,
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, () => 1, 1n])('holds no %s', (value) => {
    expect(() => encode({ value })).toThrow();
  });
});

describe.each(Object.entries(engines))('on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(async () => engine?.stop());

  it.runIf(wanted).each(idNames)('a whole life under a programme of %s adds up', async (id) => {
    const ledger = testContext(await engine.newStore());
    const program = { ...programOf(id), version: 1 };
    await putInForce(ledger, program);
    const consents = enrolment.parse({ email: 'a@example.com', consents: { [id]: true } }).consents;
    const enrolled = await enrol(ledger, program, { email: 'a@example.com', consents }, noon);
    if (enrolled.type !== 'enrolled') throw new Error('She exists.');
    const { memberId } = enrolled.member.account;
    await changeProfile(ledger, program, memberId, { consents: { [id]: false } }, noon);
    const profile = (await getMember(ledger, memberId))?.profile;
    expect(Object.entries(profile?.consents ?? {})).toEqual([
      [id, expect.objectContaining({ granted: false })],
    ]);

    const purchase = aPurchase(
      prototypeNames.map(() => 100),
      { member: { memberId } },
    );
    const named = {
      ...purchase,
      lines: purchase.lines.map((line, at) => ({ ...line, id: prototypeNames[at] ?? '' })),
    };
    const guest = { ...named, id: 'store:guest' as const, member: undefined };
    await recordPurchase(ledger, program, named, noon);
    await recordPurchase(ledger, program, guest, noon);
    await claimPurchase(
      ledger,
      program,
      guest.id,
      { member: { memberId }, totalMinor: guest.totalMinor },
      noon,
    );
    const before = await getAccount(ledger, memberId);
    expect(Object.values(before?.stamps ?? {}).every(Number.isInteger)).toBe(true);
    for (const [at, lineId] of prototypeNames.entries()) {
      await recordRefund(ledger, program, aRefund(named, Object.fromEntries([[lineId, 100]])), noon);
      const record = await getPurchase(ledger, named.id);
      expect(record && refundedMinor(record)).toBe(100 * (at + 1));
    }
    const record = await getPurchase(ledger, named.id);
    expect(record && statusOf(record)).toBe('refunded');
    expect((await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 })).differences).toEqual([]);
  });
});
