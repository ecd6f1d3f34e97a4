/** What a function asks of its own thread arrives whole, in whatever way it is asked, and so does the answer. */
import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, requestWithin } from '../../../local/functions/request.ts';

function within() {
  const asked: Asked[] = [];
  const request = requestWithin((host) => {
    if (host !== 'table.internal') return undefined;
    return (one) => {
      if (one.headers.has('fails')) throw new TypeError('It fails.');
      asked.push(one);
      const body = Buffer.from(`${one.body.length} bytes`);
      return { status: asked.length === 2 ? 400 : 200, headers: { 'x-number': String(asked.length) }, body };
    };
  });
  return { asked, request };
}

async function answered(asking: ClientRequest) {
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, number: response.headers['x-number'], body };
}

describe('requests within a thread', () => {
  it('are answered each, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(300), { maxLength: 4 }),
        async (bodies, cuts) => {
          const { asked, request } = within();
          for (const [index, body] of bodies.entries()) {
            const bytes = Buffer.from(body);
            const options = { host: 'table.internal', method: 'POST', path: '/' };
            const asking = request({ ...options, headers: { 'X-Amz-Target': 'A.B' } });
            const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)];
            for (const [at, from] of places.entries()) asking.write(bytes.subarray(from, places[at + 1]));
            asking.end();
            expect(await answered(asking)).toEqual({
              status: index === 1 ? 400 : 200,
              number: String(index + 1),
              body: `${bytes.length} bytes`,
            });
          }
          expect(asked.map(({ body }) => body.toString())).toEqual(bodies);
          expect(asked.every(({ headers }) => headers.get('x-amz-target') === 'A.B')).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('may name their address first, and are told to whoever is given with them', async () => {
    const { request } = within();
    for (const address of ['http://table.internal/', new URL('http://table.internal')]) {
      const told = Promise.withResolvers<IncomingMessage>();
      request(address, { method: 'POST', headers: {} }, told.resolve).end('abc');
      expect((await (await told.promise).toArray()).join('')).toBe('3 bytes');
    }
    const told = Promise.withResolvers<IncomingMessage>();
    request('http://table.internal/', told.resolve).end();
    expect((await (await told.promise).toArray()).join('')).toBe('0 bytes');
  });

  it('that cannot be served fail, and those that were given up ask nothing', async () => {
    const { asked, request } = within();
    const failing = request({ host: 'table.internal', headers: { fails: 'yes' } });
    failing.end();
    expect(await once(failing, 'error')).toMatchObject([{ message: 'It fails.' }]);
    const givenUp = request({ host: 'table.internal' });
    givenUp.end('abc');
    givenUp.destroy();
    await once(givenUp, 'close');
    expect(asked).toEqual([]);
  });

  it('go out as ever where the host is another', async () => {
    const server = http.createServer((_, response) => response.setHeader('x-number', 7).end('outside'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const asking = within().request(`http://127.0.0.1:${port}/`);
    asking.end();
    expect(await answered(asking)).toEqual({ status: 200, number: '7', body: 'outside' });
    server.close();
  });
});
