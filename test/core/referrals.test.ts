/** Who is whom for a referral, when its purchase counts, and how its code is read. */
import { describe, expect, it } from 'vitest';
import { addRefund } from '../../core/purchases.ts';
import {
  countsForReferralFrom,
  isSamePerson,
  mailboxOf,
  readReferralCode,
  referralCodeOf,
} from '../../core/referrals.ts';
import { aPurchase, aRefund, recordOf } from '../support/world.ts';

describe('a mailbox', () => {
  it.each([
    ['Ada.Love+shop@Gmail.com', 'adalove@gmail.com'],
    ['a.d.a@googlemail.com', 'ada@gmail.com'],
    ...['outlook.com', 'hotmail.com', 'live.com', 'icloud.com', 'me.com', 'fastmail.com', 'proton.me'].map(
      (domain) => [`a.da+shop@${domain}`, `a.da@${domain}`],
    ),
    ['ada+shop@protonmail.com', 'ada@protonmail.com'],
    ['a.da+shop@example.com', 'a.da+shop@example.com'],
    // What is no address is known by its letters alone.
    ['Ada@gmail', 'ada@gmail'],
    ['ADA', 'ada@'],
  ])('is behind an address as its provider delivers: %s is %s', (address, mailbox) => {
    expect(mailboxOf(address)).toBe(mailbox);
  });
});

it('people are one by their mailbox or their phone, and by nothing that neither has', () => {
  const person = (email: string | null, phone: string | null) => ({ email, phone });
  const pairs: readonly (readonly [ReturnType<typeof person>, ReturnType<typeof person>, boolean])[] = [
    [person('a.b@gmail.com', '+1'), person('ab@gmail.com', '+2'), true],
    [person('a@x.com', '+1'), person('b@x.com', '+1'), true],
    [person('a@x.com', '+1'), person('b@x.com', '+2'), false],
    [person(null, null), person(null, null), false],
    [person('a@x.com', null), person(null, null), false],
    [person(null, null), person('a@x.com', null), false],
    [person(null, '+1'), person('a@x.com', '+1'), true],
  ];
  for (const [a, b, isOne] of pairs) expect(isSamePerson(a, b)).toBe(isOne);
});

describe('a purchase counts', () => {
  const purchase = aPurchase([600, 400]);
  const lot = (availableAt: string | null) =>
    ({ lot: { points: 10, availableAt, expiresAt: null } }) as never;

  it('from the day that its points can be spent, at once where they can or there are none', () => {
    const at = '2026-12-06T00:00:00Z';
    expect(countsForReferralFrom(recordOf(purchase, lot(at)), 1000)).toBe(Date.parse(at));
    expect(countsForReferralFrom(recordOf(purchase, lot(null)), 1000)).toBe(0);
    expect(countsForReferralFrom(recordOf(purchase, null), 1000)).toBe(0);
  });

  it('as long as enough of it remains', () => {
    const record = recordOf(purchase, null);
    const less = addRefund(record, aRefund(purchase, { '1': 1 })).record;
    const none = addRefund(record, aRefund(purchase, { '1': 600, '2': 400 })).record;
    expect(countsForReferralFrom(less, 999)).toBe(0);
    expect(countsForReferralFrom(less, 1000)).toBeUndefined();
    expect(countsForReferralFrom(none, 0)).toBeUndefined();
  });
});

describe('a code', () => {
  it('is of eight characters, each of five bits of its byte', () => {
    const bytes = Uint8Array.from([0, 9, 10, 31, 32, 63, 255, 18, 1, 2]);
    expect(referralCodeOf(bytes)).toBe('09AZ0ZZJ');
  });

  it.each([
    ['09az0zzj', '09AZ0ZZJ'],
    [' 09AZ-0ZZJ\t', '09AZ0ZZJ'],
    ['O9AZ-OIlJ', '09AZ011J'],
    ['09AZ0ZZ', undefined],
    ['09AZ0ZZJJ', undefined],
    ['09AZ0ZZU', undefined],
    ['09AZ.0ZZ', undefined],
  ])('is read as it is typed: %s is %s', (typed, code) => {
    expect(readReferralCode(typed)).toBe(code);
  });
});
