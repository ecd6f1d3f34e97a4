/** What a function's client and its thread say to each other arrives whole, in whatever pieces it comes. */
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, serveStream } from '../../../local/functions/wire.ts';

function connection() {
  const asked: Asked[] = [];
  const [near, far] = duplexPair();
  serveStream(far, (one) => {
    asked.push(one);
    const body = Buffer.from(`${asked.length}: ${one.body.length} bytes`);
    return { status: asked.length === 2 ? 400 : 200, headers: { 'x-number': String(asked.length) }, body };
  });
  return { asked, near };
}

const request = (body: string) =>
  Buffer.from(
    `POST / HTTP/1.1\r\nHost: table.internal\r\nX-Amz-Target:  A.B \r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

describe('requests within a thread', () => {
  it('are answered one after another, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(1200), { maxLength: 12 }),
        async (bodies, cuts) => {
          const { asked, near } = connection();
          let answers = '';
          near.on('data', (chunk) => {
            answers += chunk;
          });
          const bytes = Buffer.concat(bodies.map(request));
          const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((one, other) => one - other)];
          for (const [index, from] of places.entries()) {
            near.write(bytes.subarray(from, places[index + 1]));
            await new Promise(setImmediate);
          }
          near.end();
          await once(near, 'end');
          expect(asked.map(({ body }) => body.toString())).toEqual(bodies);
          expect(asked.every(({ headers }) => headers.get('x-amz-target') === 'A.B')).toBe(true);
          expect(answers.match(/HTTP\/1\.1 (200 OK|400 Bad Request)\r\nx-number: \d\r\n/g)).toHaveLength(
            bodies.length,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each(['Transfer-Encoding: chunked', 'Expect: 100-continue'])(
    'that say %s are not taken for something else',
    async (header) => {
      const { asked, near } = connection();
      near.resume().write(`POST / HTTP/1.1\r\n${header}\r\n\r\n`);
      await once(near, 'close');
      expect(asked).toEqual([]);
    },
  );
});
