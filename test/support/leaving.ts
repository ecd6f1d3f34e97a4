/** A member whose name and contacts are everywhere that they can be, and the search for what is left of them. */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { Program } from '../../core/program.ts';
import {
  cardToken,
  changeProfile,
  claimPurchase,
  createRedemption,
  enrol,
  getMember,
  giveVoucher,
  listExceptions,
  listVouchers,
  noteGooglePass,
  onceKey,
  recordPurchase,
  recordRefund,
  referralCode,
  registerDevice,
  revokeVoucher,
  setSwitch,
  useVoucher,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import type { Item } from '../../ledger/store/store.ts';
import { aPurchase, aRefund, noon } from './world.ts';

export const operator = { keyId: 'key_test', name: 'Tess' };
const minute = 60_000;

export const person = {
  name: 'Zoë Quatremère',
  email: 'Zoe.Q@Example.com',
  phone: '+33612345678',
  birthday: '1987-03-14',
  formerEmail: 'zoe.formerly@example.com',
};

/** Somebody else, who must lose nothing. */
export async function neighbour(ledger: LedgerContext, program: Program, more: object = {}) {
  const outcome = await enrol(
    ledger,
    program,
    { name: 'Nestor', email: 'nestor@example.com', ...more },
    noon,
  );
  if (outcome.type !== 'enrolled') throw new Error('The neighbour exists already.');
  return outcome.member.account.memberId;
}

async function unknownYet(ledger: LedgerContext, program: Program): Promise<RecordedPurchase> {
  const { email, formerEmail } = person;
  const early = aPurchase([2_500], { member: { email } });
  await recordPurchase(ledger, program, early, noon);
  await recordPurchase(ledger, program, aPurchase([700], { member: { email: formerEmail } }), noon);
  // The same id again with other content: parked as it came.
  const other = { ...aPurchase([1], { member: { email } }), id: early.id };
  await recordPurchase(ledger, program, other, noon);
  const lines = [{ sku: 'SKU-1', quantity: 1, amountMinor: 100 }];
  const { purchaseId: _none, amountMinor: _whole, ...refund } = aRefund(early, 1);
  await recordRefund(ledger, program, { ...refund, lines, member: { email: email.toUpperCase() } }, noon);
  const claimed = aPurchase([1_500], { member: { phone: person.phone } });
  await recordPurchase(ledger, program, claimed, noon);
  await dismissOne(ledger);
  return claimed;
}

/** One of the exceptions is done with, as it stands. */
async function dismissOne(ledger: LedgerContext): Promise<void> {
  const { items } = await listExceptions(ledger, { status: 'open', limit: 100 });
  const done = items.find(({ type }) => type === 'purchase_conflict');
  if (!done) throw new Error('There is a conflict.');
  const resolved = { ...done, status: 'resolved' as const, resolvedAt: utc(noon) };
  await ledger.store.transact([
    { delete: keys.exception(done.exceptionId, 'open') },
    { put: toItem(keys.exception(done.exceptionId, 'resolved'), 'exception', resolved) },
  ]);
}

/** Redeems and keeps the answer, with the voucher's code in it, as the door does. */
async function redeem(ledger: LedgerContext, program: Program, member: MemberReference, now: number) {
  const request = {
    member,
    rewardId: 'five-euros',
    mode: 'capture',
    purchaseId: null,
    channel: null,
    paused: false,
  } as const;
  const once = onceKey(ledger, { caller: 'test', operation: 'redeem', key: String(now), content: request });
  await createRedemption(
    ledger,
    program,
    request,
    {
      once,
      answer: (outcome) => ({
        status: 201,
        body: outcome.type === 'done' ? { code: outcome.vouchers[0]?.code } : outcome.type,
      }),
    },
    now,
  );
}

export interface Leaver {
  readonly memberId: MemberId;
  readonly referrerId: MemberId;
  readonly newcomerId: MemberId;
  readonly now: number;
  /** What nothing may hold any more, by what it is. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Everything at once, over an hour from noon on. `vouchers` more are given, `phones` register the card. */
export async function aLeaver(
  ledger: LedgerContext,
  program: Program,
  { vouchers = 1, phones = 2 }: { vouchers?: number; phones?: number } = {},
): Promise<Leaver> {
  const referrerId = await neighbour(ledger, program, { email: 'rita@example.com' });
  const claimed = await unknownYet(ledger, program);
  const outcome = await enrol(
    ledger,
    program,
    {
      name: person.name,
      email: person.formerEmail,
      phone: person.phone,
      birthday: person.birthday,
      locale: 'fr',
      consents: { email: true },
      referralCode: referralCode(ledger, referrerId),
    },
    noon,
  );
  if (outcome.type !== 'enrolled') throw new Error('The leaver exists already.');
  const { memberId } = outcome.member.account;
  let now = noon + minute;
  await changeProfile(ledger, program, memberId, { email: person.email }, now);
  const newcomerId = await neighbour(ledger, program, {
    email: 'newcomer@example.com',
    referralCode: referralCode(ledger, memberId),
  });
  const { cardNumber = '' } = (await getMember(ledger, memberId))?.profile ?? {};

  now += minute;
  const names: MemberReference[] = [
    { email: person.email },
    { phone: person.phone },
    { cardNumber },
    { memberId },
  ];
  const bought = names.map((member) => aPurchase([30_000, 5_000], { member }));
  for (const purchase of bought) await recordPurchase(ledger, program, purchase, now);
  await claimPurchase(ledger, program, claimed.id, { member: { cardNumber }, totalMinor: 1_500 }, now);
  const [first, second] = bought;
  if (!first || !second) throw new Error('Two purchases are needed.');
  const named = { member: { email: person.email } };
  await recordRefund(ledger, program, aRefund(first, { '2': 9_000 }, named), now);
  await recordRefund(ledger, program, aRefund(aPurchase([1]), 1, named), now);
  await recordRefund(ledger, program, { ...aRefund(second, 1, named), currency: 'JPY' }, now);
  const { purchaseId: _none, ...unmatched } = aRefund(first, { '1': 1 }, named);
  const lines = [{ sku: 'NEVER-SOLD', quantity: 1, amountMinor: 100 }];
  await recordRefund(ledger, program, { ...unmatched, lines }, now);
  await recordPurchase(ledger, program, { ...aPurchase([2], named), id: first.id }, now);

  now += minute;
  await redeem(ledger, program, { phone: person.phone }, now);
  const wanted = { member: { email: person.email }, rewardId: 'ten-percent', operator };
  const given = { once: undefined, answer: () => ({ status: 200, body: null }) };
  for (let made = 0; made < vouchers + 2; made++)
    await giveVoucher(ledger, program, { ...wanted, reason: `A gift for ${person.email}.` }, given, now);
  const [one, other] = await listVouchers(ledger, memberId, { limit: 2 });
  if (!one || !other) throw new Error('Two vouchers are needed.');
  const use = { voucher: one, channel: null, purchaseId: null, amountMinor: undefined, paused: false };
  await useVoucher(ledger, program, use, given, now);
  await revokeVoucher(ledger, program, { voucher: other, operator, reason: 'None.' }, given, now);
  await setSwitch(
    ledger,
    { name: 'redemption', paused: false, reason: `(${person.phone}) rang` },
    operator,
    now,
  );

  for (let phone = 1; phone <= phones; phone++) {
    const device = `device-of-zoe-${phone}`;
    await registerDevice(
      ledger,
      { memberId, device, passType: 'pass.test', pushToken: `token-of-zoe-${phone}` },
      3,
      now,
    );
  }
  await noteGooglePass(ledger, undefined, {
    memberId,
    objectId: `1.${memberId}`,
    version: 3,
    doubted: false,
    state: 'saved',
    stateAt: new Date(now).toISOString(),
    messageUntil: 0,
    notices: [],
  });
  const codes = (await listVouchers(ledger, memberId, { limit: 100 })).flatMap(({ code }) => code ?? []);
  const { email, phone, name, birthday, formerEmail } = person;
  return {
    memberId,
    referrerId,
    newcomerId,
    now,
    secrets: {
      ...{ name, email, phone, birthday, formerEmail, cardNumber },
      'place among birthdays': 'BIRTHDAY#03-14',
      'card token': cardToken(ledger, memberId),
      'push token': 'token-of-zoe',
      device: 'device-of-zoe',
      ...Object.fromEntries(codes.map((code, index) => [`voucher code ${index}`, code])),
    },
  };
}

/** The secrets that some items still hold, however they are written. */
export function foundIn(items: readonly Item[], secrets: Leaver['secrets']): string[] {
  // That somebody had their birthday on a day tells of nobody.
  const text = JSON.stringify(items.filter(({ item }) => item !== 'list')).toLowerCase();
  return Object.entries(secrets)
    .filter(([, secret]) => text.includes(secret.toLowerCase()))
    .map(([what]) => what);
}

/** The items that the table's lifetime attribute leaves at an instant. */
export function sweptAt(items: readonly Item[], now: number): Item[] {
  return items.filter(({ ttl }) => ttl === undefined || ttl * 1000 > now);
}
