import { describe, expect, it } from 'vitest';
import { count, money, number, shown, signed, styleOf, table } from '../../cli/text.ts';

describe('amounts', () => {
  it('are exact in currencies of two, no and three decimals', () => {
    expect(money(500, 'EUR')).toBe('5.00 EUR');
    expect(money(-5, 'EUR')).toBe('-0.05 EUR');
    expect(money(1500, 'JPY')).toBe('1,500 JPY');
    expect(money(1234567, 'KWD')).toBe('1,234.567 KWD');
    // As the standard has it, whatever prices are shown with.
    expect(money(12_345, 'HUF')).toBe('123.45 HUF');
    expect(money(12_345, 'IQD')).toBe('12.345 IQD');
    expect(money(999_999_999_999, 'EUR')).toBe('9,999,999,999.99 EUR');
  });

  it('of points are grouped and signed', () => {
    expect(number(1234567)).toBe('1,234,567');
    expect([signed(5), signed(0), signed(-1200)]).toEqual(['+5', '0', '-1,200']);
    expect([count(1, 'entry', 'entries'), count(0, 'entry', 'entries')]).toEqual(['1 entry', '0 entries']);
  });
});

describe('a value', () => {
  it('that is not there is a dash, not "null"', () => {
    expect([null, undefined, ''].map(shown)).toEqual(['–', '–', '–']);
    expect(shown(0)).toBe('0');
  });
});

describe('a table', () => {
  it('is as wide as its widest cell, numbers to the right, nothing behind the last', () => {
    const rows = [
      ['a', '1', 'x'],
      ['long name', '1,000', ''],
    ];
    expect(table(styleOf(false), ['name', 'points', 'note'], rows, ['points'])).toBe(
      ['name       points  note', 'a               1  x', 'long name   1,000'].join('\n'),
    );
  });
});
