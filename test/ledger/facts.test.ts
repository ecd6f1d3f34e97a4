/** What a programme asks of who buys, and no more than it asks. */
import { expect, it } from 'vitest';
import type { Account } from '../../core/account.ts';
import type { Program } from '../../core/program.ts';
import { changeProfile, getAccount, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import { readBuyer } from '../../ledger/purchases/facts.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { watched } from '../support/stores.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

function asking(when: string | undefined): Program {
  const year = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
  return defaultProgram({
    bonuses: {},
    campaigns: when === undefined ? [] : [{ id: 'asks', name: 'Asks', ...year, bonusPoints: 1, when }],
  });
}

/** A member who bought three times and gave the second purchase back, and an account of before, without a count. */
async function world() {
  const ledger = testContext(createMemoryStore());
  const program = asking(undefined);
  await putInForce(ledger, program);
  const memberId = await newMember(ledger, program);
  await changeProfile(ledger, program, memberId, { birthday: '1990-05-17' }, noon);
  const purchases = [0, 1, 2].map(() => aPurchase([500], { member: { memberId } }));
  for (const purchase of purchases) await recordPurchase(ledger, program, purchase, noon);
  const [, second] = purchases;
  if (!second) throw new Error('There are three.');
  await recordRefund(ledger, program, aRefund(second, 500), noon);
  const account = await getAccount(ledger, memberId);
  if (!account) throw new Error('There is no account.');
  const { purchases: count, freePlaces, ...before } = account;
  expect([count, freePlaces]).toEqual([2, [2]]);
  return { ledger, account, before: before as Account };
}

it('the profile and the history are not read for a programme that asks nothing of them', async () => {
  const { ledger, before } = await world();
  const store = watched(ledger.store);
  const queried: string[] = [];
  const context = {
    ...ledger,
    store: {
      ...store,
      query: async (pk: string, range: Parameters<typeof store.query>[1]) => {
        queried.push(pk);
        return store.query(pk, range);
      },
    },
  };
  expect(await readBuyer(context, asking(undefined), before)).toEqual({ account: before, facts: {} });
  expect([store.reads, queried]).toEqual([[], []]);
});

it('the month of the birthday is what the profile says', async () => {
  const { ledger, account } = await world();
  const { facts } = await readBuyer(ledger, asking('member.birthdayMonth == 5'), account);
  expect(facts).toEqual({ birthdayMonth: 5 });
  const program = asking(undefined);
  const other = await getAccount(ledger, await newMember(ledger, program));
  if (!other) throw new Error('There is no account.');
  expect((await readBuyer(ledger, asking('member.birthdayMonth == 5'), other)).facts).toEqual({});
});

it('purchases are as the account counts them, and in one of before as its own entries do', async () => {
  const { ledger, account, before } = await world();
  const program = asking('member.purchases == 2');
  expect((await readBuyer(ledger, program, account)).account).toEqual(account);
  expect((await readBuyer(ledger, program, before)).account).toMatchObject({ purchases: 2, freePlaces: [2] });
  // Entries behind the account as it was read are none of it.
  const earlier = { ...before, version: account.version - 1 };
  expect((await readBuyer(ledger, program, earlier)).account).toMatchObject({ purchases: 3 });
});
