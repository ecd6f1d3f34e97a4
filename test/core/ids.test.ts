/** Ids that channels give: any text that can be read, and none that could be taken for another one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allChannels, fullId } from '../../core/channels.ts';
import {
  channelKinds,
  channelScopedId,
  newOwnId,
  ownId,
  ownIdMax,
  purchaseReference,
  scopedId,
} from '../../core/contract/ids.ts';
import { runs } from '../support/world.ts';

const channels = allChannels([]);

const isGood = (schema: { safeParse(value: unknown): { success: boolean } }, text: string) =>
  schema.safeParse(text).success;

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 140, size: 'max' }),
  fc.string({ unit: 'grapheme', maxLength: 140, size: 'max' }),
  fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'a', '\u0000', '\u0085', ':', '/') }),
  fc.constantFrom(...channelKinds).chain((channel) => fc.string().map((text) => `${channel}:${text}`)),
);

describe("a channel's own id", () => {
  it.each([
    '#1001',
    'INV/2024/1',
    'a b',
    'Über-5',
    '..',
    '.',
    '%2F',
    '1?x=2',
    "'; --",
    '字',
    '😀',
    '😀'.repeat(ownIdMax),
    '__proto__',
    '=',
  ])('may be %j', (id) => {
    expect(newOwnId.parse(id)).toBe(id);
    expect(channelScopedId.parse(`store:${id}`)).toBe(`store:${id}`);
  });

  it.each([
    ['nothing', ''],
    ['a control character', 'a\u0007'],
    ['a line break', 'a\n'],
    ['half a character', 'a\ud800'],
    ['more than 128 characters', 'a'.repeat(ownIdMax + 1)],
    ['more than 128 characters of two units each', '😀'.repeat(ownIdMax + 1)],
    ["a channel's name before it", 'web:R3'],
  ])('may not be %s', (_what, id) => {
    expect(isGood(newOwnId, id)).toBe(false);
  });

  it('is refused for control characters, halves of characters and length, and for nothing else', () => {
    fc.assert(
      fc.property(anyText, (id) => {
        const composed = id.isWellFormed() ? id.normalize('NFC') : id;
        const isReadable = composed.isWellFormed() && !/\p{Cc}/u.test(composed);
        const expected = isReadable && composed !== '' && [...composed].length <= ownIdMax;
        expect(isGood(ownId, id)).toBe(expected);
        expect(isGood(channelScopedId, `app:${id}`)).toBe(expected);
        if (expected) expect(ownId.parse(id)).toBe(composed);
      }),
      runs(2000) as object,
    );
  });

  it('is one however its accents are spelt', () => {
    expect(ownId.parse('U\u0308ber')).toBe('Über');
    expect(channelScopedId.parse('web:U\u0308ber')).toBe('web:Über');
  });

  it('leads to one purchase, whichever way it is named', () => {
    const both = fc.tuple(fc.constantFrom(...channelKinds), anyText);
    fc.assert(
      fc.property(both, both, ([channel, one], [other, two]) => {
        fc.pre(isGood(newOwnId, one) && isGood(newOwnId, two));
        const [first, second] = [newOwnId.parse(one), newOwnId.parse(two)];
        // Named by the full id, from anywhere, or by the own one, from its channel: the same.
        const full = scopedId(channel, first);
        expect(fullId(channel, purchaseReference.parse(first), channels)).toBe(full);
        expect(fullId(other, purchaseReference.parse(full), channels)).toBe(full);
        expect(fullId(null, purchaseReference.parse(full), channels)).toBe(full);
        // No two purchases have one name.
        if (channel !== other || first !== second) expect(scopedId(other, second)).not.toBe(full);
      }),
      runs(2000) as object,
    );
  });
});
