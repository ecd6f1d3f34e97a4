import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeStrings } from '../../../passes/apple/strings.ts';
import { arbText, check } from '../views.ts';
import { parseStrings } from './read.ts';

describe('a strings file', () => {
  it('is UTF-16, big end first, with its byte order mark', () => {
    expect(encodeStrings([['é', '"']]).toString('hex')).toBe(
      'feff002200e900220020003d00200022005c00220022003b000a',
    );
  });

  it('gives back any text exactly: quotes, backslashes, line breaks, any script', () => {
    check(
      fc.property(fc.uniqueArray(fc.tuple(arbText, arbText), { selector: ([key]) => key }), (entries) => {
        expect([...parseStrings(encodeStrings(entries))]).toEqual(entries);
      }),
      500,
    );
  });
});
