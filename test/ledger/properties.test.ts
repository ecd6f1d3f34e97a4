/**
 * What must hold for any history, over the memory engine and at least a thousand histories each: the ledger's
 * logic is one for all engines, and the suite beside this one shows that they agree.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, withoutListeners } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { replay } from '../../core/replay.ts';
import {
  enrol,
  getAccount,
  getPurchase,
  getRefund,
  listEntries,
  listVouchers,
  putProgram,
  recordPurchase,
  recordRefund,
  referralCode,
  settleReferral,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { bought, purchaseOf, richProgram } from '../support/histories.ts';
import { runNight } from '../support/night.ts';
import { aRefund, noon, runs, sha256, testContext } from '../support/world.ts';

const program = richProgram();
const hour = 3_600_000;

async function newLedger(): Promise<LedgerContext> {
  const ledger = testContext(createMemoryStore());
  const { version: _version, ...document } = program;
  await putProgram(ledger, document, { keyId: 'test', name: 'test' }, noon);
  return ledger;
}

async function newMember(ledger: LedgerContext, wanted: object = {}): Promise<MemberId> {
  const outcome = await enrol(ledger, program, wanted, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

async function accountOf(ledger: LedgerContext, memberId: MemberId): Promise<Account> {
  const account = await getAccount(ledger, memberId);
  if (!account) throw new Error(`${memberId} has no account.`);
  return account;
}

/** What members have, without what only says how it came about. */
function having({ lots, debt, lifetime, tier, qualifying, stamps, lastVisitAt }: Account) {
  return { lots, debt, lifetime, tier, qualifying, stamps, lastVisitAt };
}

async function audit(ledger: LedgerContext, memberId: MemberId): Promise<void> {
  const entries = await listEntries(ledger, memberId, { limit: 1000 });
  expect(replay(memberId, entries.reverse(), sha256)).toEqual(
    withoutListeners(await accountOf(ledger, memberId)),
  );
}

/** A refund of one line or of the whole order, in hundredths of what was paid. */
const part = fc.record({
  line: fc.nat(3),
  hundredths: fc.integer({ min: 1, max: 130 }),
  whole: fc.boolean(),
});

function refundOf(
  purchase: RecordedPurchase,
  { line, hundredths, whole }: { line: number; hundredths: number; whole: boolean },
): RecordedRefund {
  const share = (amount: number) => Math.max(1, Math.round((amount * hundredths) / 100));
  if (whole) return aRefund(purchase, share(purchase.totalMinor));
  const chosen = purchase.lines[line % purchase.lines.length];
  return aRefund(purchase, { [chosen?.id ?? '1']: share(chosen?.amountMinor ?? 1) });
}

describe('for any history', () => {
  it('refunds that come before their purchase end like those that come after', async () => {
    await fc.assert(
      fc.asyncProperty(bought, fc.array(part, { minLength: 1, maxLength: 4 }), async (buy, parts) => {
        const template = purchaseOf(buy, undefined, noon);
        const refunds = parts.map((one) => refundOf(template, one));
        const end = async (early: boolean) => {
          const ledger = await newLedger();
          const memberId = await newMember(ledger);
          const post = () => recordPurchase(ledger, program, { ...template, member: { memberId } }, noon);
          if (!early) await post();
          for (const refund of refunds) await recordRefund(ledger, program, refund, noon);
          if (early) await post();
          await audit(ledger, memberId);
          const record = await getPurchase(ledger, template.id);
          const figures = await Promise.all(refunds.map(({ id }) => getRefund(ledger, id)));
          const vouchers = await listVouchers(ledger, memberId, { limit: 100 });
          return {
            having: having(await accountOf(ledger, memberId)),
            points: record?.earning?.points,
            clawedBack: record?.clawedBack,
            refunds: figures.map((one) => [one?.status, one?.clawedBack, one?.debt]),
            vouchers: vouchers.filter(({ status }) => status === 'issued').length,
          };
        };
        expect(await end(true)).toEqual(await end(false));
      }),
      runs(1000),
    );
  }, 240_000);

  it('duplicates change nothing, and after every command the entries add up to the account', async () => {
    const step = fc.record({ buy: bought, parts: fc.array(part, { maxLength: 2 }), hours: fc.nat(24 * 40) });
    const history = fc.array(step, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.nat(20), { maxLength: 6 }), async (steps, again) => {
        const ledger = await newLedger();
        const memberId = await newMember(ledger);
        const sent: (() => Promise<unknown>)[] = [];
        let now = noon;
        for (const { buy, parts, hours } of steps) {
          now += hours * hour;
          const at = now;
          const purchase = purchaseOf(buy, memberId, at);
          sent.push(() => recordPurchase(ledger, program, purchase, at));
          for (const one of parts) {
            const refund = refundOf(purchase, one);
            sent.push(() => recordRefund(ledger, program, refund, at));
          }
        }
        for (const act of sent) {
          await act();
          await audit(ledger, memberId);
        }
        const before = await accountOf(ledger, memberId);
        for (const index of again) await sent[index % sent.length]?.();
        expect(await accountOf(ledger, memberId)).toEqual(before);
        await runNight(ledger, program, now + 500 * 24 * hour);
        await audit(ledger, memberId);
      }),
      runs(1000),
    );
  }, 240_000);

  it('a full refund gives a referral back on both sides, whatever it was split into', async () => {
    const splits = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 3 });
    // A gift card earns nothing, so its refunds move no points of their own.
    const sold = fc.constantFrom('kitchen', 'gift-card');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2000, max: 90_000 }),
        splits,
        sold,
        async (amount, shares, category) => {
          const ledger = await newLedger();
          const referrer = await newMember(ledger);
          const code = referralCode(ledger, referrer);
          const newcomer = await newMember(ledger, { referralCode: code });
          const both = async () =>
            (await Promise.all([referrer, newcomer].map((id) => accountOf(ledger, id)))).map(having);
          const start = await both();
          const purchase = purchaseOf(
            { amounts: [amount], category, channel: 'store', currency: 'EUR', shippingMinor: 0 },
            newcomer,
            noon,
          );
          await recordPurchase(ledger, program, purchase, noon);
          await settleReferral(ledger, program, newcomer, noon);
          expect((await accountOf(ledger, referrer)).lifetime.earned).toBe(250);
          const cuts = shares.map((share) => Math.floor((amount * share) / 400)).filter((cut) => cut > 0);
          for (const cut of [...cuts, amount - cuts.reduce((sum, one) => sum + one, 0)]) {
            const { version } = await accountOf(ledger, newcomer);
            await recordRefund(ledger, program, aRefund(purchase, { '1': cut }), noon);
            // The outbox tells of entries, and of nothing else.
            const isTold = (await accountOf(ledger, newcomer)).version > version;
            if (isTold) await settleReferral(ledger, program, newcomer, noon);
          }
          expect(await both()).toEqual(start);
          for (const id of [referrer, newcomer]) await audit(ledger, id);
        },
      ),
      runs(1000),
    );
  }, 240_000);
});
