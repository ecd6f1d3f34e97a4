import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Item, parseLine, readLines } from '../../../cli/import/lines.ts';

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
    ['hostile depth', `{"id":"1","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, ''],
  ])('of %s is refused with its number and the failing field', (_, text, path) => {
    expect(parseLine(9, text)).toMatchObject({ kind: 'refused', line: 9, code: 'invalid_line', path });
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'philia-lines-'));
  const read = async (bytes: Uint8Array, from = 1) => {
    const file = join(folder, 'file.ndjson');
    writeFileSync(file, bytes);
    const [lines, sizes]: [unknown[], number[]] = [[], []];
    for await (const one of readLines(file, from, (size) => sizes.push(size)))
      lines.push(one.kind === 'refused' ? `${one.line}: ${one.message}` : `${one.line}: ${one.body['id']}`);
    return { lines, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  };

  test('may begin with a byte-order mark, end its lines as any system does, and hold any character', async () => {
    const text = '\uFEFF{"id":"A"}\r\n\n{"id":"B\u2028C"}\n{"id":"\uFFFD"}';
    expect((await read(Buffer.from(text))).lines).toEqual(['1: A', '3: B\u2028C', '4: \uFFFD']);
    expect((await read(Buffer.from(text), 3)).lines).toEqual(['3: B\u2028C', '4: \uFFFD']);
  });

  test('that holds a line of another encoding has that line refused by its number', async () => {
    const latin = Buffer.from('{"id":"é"}', 'latin1');
    const bytes = Buffer.concat([Buffer.from('{"id":"A"}\n'), latin, Buffer.from('\n{"id":"B"}\n')]);
    const { lines, bytes: counted } = await read(bytes);
    expect(lines).toEqual(['1: A', '2: The line is not valid UTF-8.', '3: B']);
    expect(counted).toBe(bytes.length);
  });

  test('is read whole whatever its chunks are', async () => {
    const ids = Array.from({ length: 3000 }, (_, index) => `${index}-${'é'.repeat(index % 97)}`);
    const text = ids.map((id) => JSON.stringify({ id })).join('\n');
    expect((await read(Buffer.from(text))).lines).toEqual(ids.map((id, index) => `${index + 1}: ${id}`));
  });
});
