/**
 * The examples of the OpenAPI document, sent to the running system one after the other as they stand, except that the
 * ids of the examples are replaced by those that this run has given: each is answered with a body of the same shape.
 */
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Route, routes } from '../../core/contract/routes.ts';
import { type Example, examples } from '../../tools/api-examples.ts';
import { promisedJson } from '../support/promised.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-30T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

/** What stands here for a text of the examples: an id, a code or a key, whole or between the slashes of an address. */
const here = new Map<string, string>();

function learn(shown: unknown, given: unknown): void {
  if (typeof shown === 'string' && typeof given === 'string') {
    const [ours, theirs] = [shown.split('/'), given.split('/')];
    here.set(shown, given);
    for (const [at, part] of ours.entries()) if (!here.has(part)) here.set(part, theirs[at] ?? part);
  } else if (typeof shown === 'object' && shown !== null && typeof given === 'object' && given !== null) {
    for (const [key, one] of Object.entries(shown)) learn(one, (given as Record<string, unknown>)[key]);
  }
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return here.get(value) ?? value;
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one)]));
}

/** The keys of a value, and of what kind each of them is; nothing else. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shape(one)]));
}

let serial = 0;
let passToken = '';
let secondKey = '';

function headersOf({ as }: Example, { idempotent, body }: Route): Record<string, string> {
  serial++;
  const keys = { store: system.credentials.channels.store, ops: system.credentials.ops, second: secondKey };
  const authorization =
    as === 'phone'
      ? { authorization: `ApplePass ${passToken}` }
      : as in keys
        ? { authorization: `Bearer ${keys[as as keyof typeof keys]}` }
        : undefined;
  return {
    ...authorization,
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(idempotent ? { 'idempotency-key': `example-${serial}` } : {}),
  };
}

async function send(example: Example) {
  const route: Route = routes[example.operation];
  const [params, query, body] = [example.params, example.query, example.body].map(replaced);
  const path = route.path.replace(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  );
  const search = new URLSearchParams(
    Object.entries((query ?? {}) as object).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const response = await fetch(`${system.baseUrl}${path}${query ? `?${search}` : ''}`, {
    method: route.method,
    redirect: 'manual',
    headers: headersOf(example, route),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.includes('json') && bytes.length > 0;
  return {
    status: response.status,
    bytes,
    body: isJson ? JSON.parse(Buffer.from(bytes).toString()) : undefined,
  };
}

/** What the examples cannot hold: the code of a link that was mailed, and what a phone reads from its pass. */
async function learnBeside({ operation }: Example, { bytes, body }: Awaited<ReturnType<typeof send>>) {
  if (operation === 'createKey') secondKey = body.key;
  if (operation === 'join') {
    await system.idle();
    const { messages } = (await system.call('GET', '/local/messages')).body;
    const [, code = ''] = /#confirm=([A-Za-z0-9_-]{32})/.exec(messages.at(-1).text) ?? [];
    const confirm = examples.find((one) => one.operation === 'confirmContact')?.body as { code: string };
    here.set(confirm.code, code);
  }
  if (operation === 'getApplePass') {
    const pass = unzipSync(bytes)['pass.json'];
    passToken = JSON.parse(Buffer.from(pass ?? []).toString()).authenticationToken;
  }
}

/** What Google, Samsung and shops sign nobody else can: their examples get as far as that, as do those of a shop. */
const unsigned = { google: [401], samsung: [503], shop: [401] } as const;

it('are answered as they say', async () => {
  for (const [at, example] of examples.entries()) {
    const what = `step ${at}, ${example.operation}`;
    const answer = await send(example);
    if (example.as === 'google' || example.as === 'samsung' || example.as === 'shop') {
      expect(unsigned[example.as], what).toContain(answer.status);
      continue;
    }
    expect([what, answer.status, answer.status < 400 || answer.body]).toEqual([what, example.status, true]);
    expect(shape(answer.body), what).toEqual(shape(example.answer));
    const promised = promisedJson(routes[example.operation], answer.status);
    expect(promised?.safeParse(answer.body).error, what).toBeUndefined();
    learn(example.answer, answer.body);
    await learnBeside(example, answer);
    await system.idle();
  }
}, 180_000);
