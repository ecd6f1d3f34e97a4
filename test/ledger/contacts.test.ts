/** What of a text may be somebody's address or number, and what is left of it once they are gone. */
import { describe, expect, it } from 'vitest';
import { contactHash, contactsIn, withoutContacts, withTexts } from '../../ledger/members/contacts.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { testContext } from '../support/world.ts';

const ledger = testContext(createMemoryStore());
const hashes = (...contacts: string[]) => new Set(contacts.map((contact) => contactHash(ledger, contact)));

describe('the hash of a contact', () => {
  it('is of the contact, however it is written', () => {
    expect(hashes('+4915123456789', '+49 (151) 234-56.789', '+49-151-23456789').size).toBe(1);
    expect(hashes('ann.lee@example.com', 'Ann.Lee@Example.COM', '<ann.lee@example.com>').size).toBe(1);
    expect(hashes('1234567', '12345678', 'annlee@example.com', 'ann.lee@example.com').size).toBe(4);
    // No address, and still the same letters.
    expect(hashes('Ann@', 'ann@').size).toBe(1);
  });
});

describe('contacts in a text', () => {
  it.each([
    ['Write to <Ann.Lee@Example.com>.', ['ann.lee@example.com', 'lee@example.com']],
    ['mailto:ann+tag@gmail.com', ['ann+tag@gmail.com', 'ann@gmail.com', 'tag@gmail.com']],
    ['=ann@example.com-', ['=ann@example.com', 'ann@example.com']],
    ['x ann @ example.com, or', ['ann@example.com']],
    ['ann＠example.com。', ['ann@example.com']],
  ])('are addresses, from each mark on: %s', (text, forms) => {
    expect(contactsIn(text)).toEqual(forms);
  });

  it.each([
    ['1234567', ['1234567']],
    ['123456', []],
    ['1234567890123456789', ['1234567890123456789']],
    ['12345678901234567890', []],
    ['0151 2345678', ['1512345678', '2345678']],
    ['0151--2345678', ['1512345678', '2345678']],
    ['0151----2345678', ['2345678']],
    ['４９１５１２３４５６７', ['49151234567']],
    ['12 345 6789 0123', ['1234567890123', '123456789', '34567890123', '3456789', '67890123']],
  ])('are numbers of seven digits to nineteen, from each group of them on: %s', (text, forms) => {
    expect(contactsIn(text)).toEqual(forms);
  });

  it.each([
    ['a1234567', []],
    ['a\u03011234567', []],
    ['a 1234567', ['1234567']],
    ['1234567e', []],
    ['1234567\u0301', []],
    ['1234567 e', ['1234567']],
    ['x0151 2345678', ['2345678']],
    ['0151 2345678x', []],
  ])('are no part of a word: %s', (text, forms) => {
    expect(contactsIn(text)).toEqual(forms);
  });

  it.each([
    ['+49 151 2345678', ['+491512345678', '491512345678', '1512345678', '2345678']],
    ['+ (49) 151 2345678', ['+491512345678', '491512345678', '1512345678', '2345678']],
    ['12+345678901', ['+345678901', '345678901']],
    ['+, 345678901', ['345678901']],
  ])('have a plus where one stands before them: %s', (text, forms) => {
    expect(contactsIn(text)).toEqual(forms);
  });

  it('are found as deep as they are, but in what names goods', () => {
    const lines = [{ gtin: '4006381333931', sku: '1234567', name: 'Of ann@example.com' }];
    expect(contactsIn({ lines, count: 1_234_567, none: null, note: ['7654321'] }).sort()).toEqual([
      '7654321',
      'ann@example.com',
    ]);
    let deep: unknown = '1234567';
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    expect(contactsIn(deep)).toEqual(['1234567']);
  });
});

describe('a text without contacts', () => {
  const known = hashes('ann.lee@example.com', '+491512345678', '1234567');
  const without = (text: string) => withoutContacts(ledger, text, known);

  it.each([
    ['Write to Ann.Lee@Example.com.', 'Write to [erased].'],
    ['mailto:ann.lee @ example.com, soon', 'mailto:[erased], soon'],
    ['call +49 151 2345678 now', 'call [erased] now'],
    ['call + (49) 151 2345678', 'call [erased]'],
    ['of 1234567, 12345678 and 1234567', 'of [erased], 12345678 and [erased]'],
    ['ann.lee@example.com 1234567', '[erased] [erased]'],
    ['1234567, ann.lee@example.com', '[erased], [erased]'],
    ['1234567, ann.lee@example.com, 1234567', '[erased], [erased], [erased]'],
    // The address, from the first mark on, and not the number that is in it.
    ['1234567 to lee@example.com', '[erased] to lee@example.com'],
  ])('has a word for each, and all else as it was: %s', (text, clean) => {
    expect(without(text)).toBe(clean);
  });

  it('loses all of what holds two of them', () => {
    const both = hashes('1234567@example.com', '1234567');
    expect(withoutContacts(ledger, '1234567@example.com', both)).toBe('[erased]');
  });

  it('is itself where nothing is in it, within whatever holds it', () => {
    const value = { list: ['1234567', { text: 'none' }], other: { number: 1_234_567, no: null } };
    const clean = withoutContacts(ledger, value, known);
    expect(clean).toEqual({ list: ['[erased]', { text: 'none' }], other: value.other });
    expect(clean.list[1]).toBe(value.list[1]);
    expect(clean.other).toBe(value.other);
    expect(withoutContacts(ledger, value, hashes('7654321'))).toBe(value);
    expect(withTexts([1, null, 'a', undefined], (text) => `${text}!`)).toEqual([1, null, 'a!', undefined]);
  });
});
