/** How results are written for people. */

import { styleText } from 'node:util';
import { exponentOf } from '../core/money.ts';

export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

export function styleOf(coloured: boolean): Style {
  const as = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    coloured ? styleText(format, text, { validateStream: false }) : text;
  return { bold: as('bold'), dim: as('dim'), good: as('green'), bad: as('red'), warn: as('yellow') };
}

/**
 * Text from outside on one line, with nothing in it that a terminal would obey: control characters, and those
 * that turn the direction of writing, are shown by their numbers.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same for text of many lines. */
export function visibleLines(text: string): string {
  return text.split(/\r?\n/).map(visible).join('\n');
}

/** A value as a person reads it: `–` for nothing. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'number') return number(value);
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}

const grouped = new Intl.NumberFormat('en');

export function number(value: number): string {
  return grouped.format(value);
}

/** With its sign, as `+120`. */
export function signed(value: number): string {
  return value > 0 ? `+${number(value)}` : number(value);
}

/** `1 member`, `2 members`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** Minor units as an amount of the currency, exactly. */
export function money(minor: number, currency: string): string {
  const digits = exponentOf(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = number(Number(text.slice(0, text.length - digits)));
  return `${minor < 0 ? '-' : ''}${whole}${digits > 0 ? `.${text.slice(-digits)}` : ''} ${currency}`;
}

/** Lines of `name  value`, the values under each other. */
export function facts(style: Style, rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${style.dim(name.padEnd(width))}  ${value}`).join('\n');
}

/** Columns under their heads; `right` names those that hold numbers. */
export function table(
  style: Style,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    heads
      .map((head, index) => {
        const [cell, width] = [cells[index] ?? '', widths[index] ?? 0];
        return right.includes(head) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [style.dim(line(heads)), ...rows.map(line)].join('\n');
}

/** JSON whose text is safe for a terminal: what could steer one is escaped, and means the same. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
