import { describe, expect, test } from 'vitest';
import { type Item, parseLine } from '../../../cli/import/lines.ts';

describe('a line', () => {
  test('is a purchase, with its member under every identifier it may be known by', () => {
    const text = JSON.stringify({
      id: '1',
      occurredAt: '2010-12-01T09:00:00+01:00',
      member: { email: 'Ada@Example.com' },
    });
    expect(parseLine(3, text)).toMatchObject({
      kind: 'purchase',
      line: 3,
      memberKeys: ['email:ada@example.com'],
      email: 'Ada@Example.com',
      occurredAt: Date.parse('2010-12-01T08:00:00Z'),
      bytes: text.length,
    });
  });

  test('is a refund by its type, which is not part of what is posted', () => {
    const item = parseLine(1, '{"type":"refund","id":"R","purchaseId":"P"}') as Item;
    expect(item).toMatchObject({ kind: 'refund', memberKeys: [], email: undefined, occurredAt: undefined });
    expect(item.body).toEqual({ id: 'R', purchaseId: 'P' });
  });

  test('is measured in bytes, not characters', () => {
    expect(parseLine(1, '{"id":"é"}')).toMatchObject({ bytes: 11 });
  });

  test.each([
    ['no JSON', '{"id":', ''],
    ['a list', '[]', ''],
    ['another type', '{"type":"sale","id":"1"}', 'type'],
    ['no id', '{"lines":[]}', 'id'],
    ['an id that is a number', '{"id":7}', 'id'],
  ])('of %s is refused with its number and the failing field', (_, text, path) => {
    expect(parseLine(9, text)).toMatchObject({ kind: 'refused', line: 9, code: 'invalid_line', path });
  });
});
