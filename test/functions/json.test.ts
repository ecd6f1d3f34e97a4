/** Bodies as strangers write them: what is wrong with one is said truly, and what is only rare is taken. */
import { describe, expect, it } from 'vitest';
import { Problem } from '../../core/contract/errors.ts';
import { parseBody, wrongIn } from '../../functions/kit/json.ts';

function refusal(act: () => unknown): Problem {
  try {
    act();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('It was taken.');
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const text = '{"name":"\uFFFD"}';

describe('a body', () => {
  it('may hold U+FFFD, escaped or not', () => {
    expect(parseBody('{"name":"\\ufffd"}', false)).toEqual({ name: '\uFFFD' });
    expect(parseBody(text, false)).toEqual({ name: '\uFFFD' });
    expect(parseBody(text, false, { contentLength: String(Buffer.byteLength(text)) })).toEqual({
      name: '\uFFFD',
    });
    expect(parseBody(Buffer.from(text).toString('base64'), true)).toEqual({ name: '\uFFFD' });
  });

  it('that was no UTF-8 is refused as such, as text and as bytes', () => {
    const sent = Buffer.from([...Buffer.from('{"name":"'), 0xe9, ...Buffer.from('"}')]);
    const asText = refusal(() =>
      parseBody(sent.toString('utf8'), false, { contentLength: String(sent.length) }),
    );
    const asBytes = refusal(() => parseBody(sent.toString('base64'), true));
    for (const problem of [asText, asBytes])
      expect([problem.code, problem.message]).toEqual(['invalid_json', 'The body is not valid UTF-8.']);
  });

  it('may begin with a byte-order mark', () => {
    expect(parseBody('\uFEFF{"a":1}', false)).toEqual({ a: 1 });
    expect(parseBody(Buffer.from('\uFEFF{"a":1}').toString('base64'), true)).toEqual({ a: 1 });
  });

  it.each([
    ['half a character', '{"lines":[{"name":"\\ud800"}]}', 'lines.0.name'],
    ['half a character in a name', '{"a":{"\\udc00":1}}', 'a.\uFFFD'],
    ['a name that reaches for the prototype', '{"a":[{"__proto__":1}]}', 'a.0.__proto__'],
  ])('with %s is refused with its place', (_what, body, path) => {
    const problem = refusal(() => parseBody(body, false));
    expect(problem).toMatchObject({ code: 'invalid_request', errors: [{ path }] });
  });

  it.each([33, 100_000])('that nests %i levels deep is refused whatever it is', (levels) => {
    expect(refusal(() => parseBody(nested(levels), false)).message).toContain('32 levels');
  });
});

describe('what is checked by itself', () => {
  const apart = 'items';

  it.each(['"\\ud800"', '{"__proto__":1}', nested(100_000)])('spoils nothing around it: %.20s', (item) => {
    const { items } = parseBody(`{"items":[1,${item}]}`, false, { apart }) as { items: unknown[] };
    expect(items).toHaveLength(2);
    expect(wrongIn(items[0], '', 100)).toBeUndefined();
    expect(wrongIn(items[1], '', 100)).toBeDefined();
  });

  it('is that list alone', () => {
    for (const body of [
      '{"items":[],"x":"\\ud800"}',
      '{"items":{"a":"\\ud800"}}',
      '{"x":{"items":["\\ud800"]}}',
    ])
      expect(refusal(() => parseBody(body, false, { apart })).code).toBe('invalid_request');
  });

  it('may be as large and deep as is allowed, and no more', () => {
    expect(wrongIn(JSON.parse(nested(32)), 'a', 100)).toBeUndefined();
    expect(wrongIn(JSON.parse(nested(33)), 'a', 100)).toMatchObject({ path: 'a' });
    expect(wrongIn('x'.repeat(98), 'a', 100)).toBeUndefined();
    expect(wrongIn('x'.repeat(99), 'a', 100)).toMatchObject({ path: 'a' });
  });
});
