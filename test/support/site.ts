/**
 * A scripted stand-in for the deployed site: the real pages, freshly built, under the real
 * Content-Security-Policy, in front of an API that only plays `/v1/join` and `/v1/cards`. It exists to put
 * the pages into states that are hard to reach in a whole system; that the system works is not tested by it.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';
import { brandOf, iconSvg } from '../../core/brand.ts';
import { fieldErrors, Problem } from '../../core/contract/errors.ts';
import { makeId } from '../../core/contract/ids.ts';
import { type BrandAnswer, brand as brandSchema } from '../../core/contract/shapes/brand.ts';
import { type CardAnswer, card as cardSchema } from '../../core/contract/shapes/card.ts';
import { enrolment } from '../../core/contract/shapes/member.ts';
import config from '../../web/vite.config.ts';
import { ana, answerOf } from '../passes/views.ts';
import { defaultProgram } from './world.ts';

export const contentSecurityPolicy = "default-src 'self'; img-src 'self' data:";

/** The referral code that every scripted card shows. */
export const friendsCode = 'AB12CD34';

export interface ScriptedSite {
  readonly baseUrl: string;
  /** Puts a card there and gives its token. */
  addCard(change?: Partial<CardAnswer>): string;
  /** Changes a card, which makes a new version of it. */
  changeCard(token: string, change: Partial<CardAnswer>): void;
  /** Removes a card: it answers 404 from then on. */
  removeCard(token: string): void;
  /** While true, the API answers 503. */
  setDown(down: boolean): void;
  /** The status of every answer for this card so far. */
  answersFor(token: string): readonly number[];
  /** The bodies that `/v1/join` accepted. */
  readonly joined: readonly unknown[];
  /** What card pages have given or asked for, in order. */
  readonly asked: readonly { readonly what: string; readonly body: unknown }[];
  /** The programme as pages see it. */
  setBrand(brand: BrandAnswer): void;
  stop(): Promise<void>;
}

export async function serveScriptedSite(): Promise<ScriptedSite> {
  const folder = await mkdtemp(join(tmpdir(), 'philia-site-'));
  await build({
    ...config,
    configFile: false,
    logLevel: 'error',
    build: { ...config.build, outDir: folder },
  });
  const api = new ScriptedApi();
  const server = createServer((request, response) => {
    answer(request, response, api, folder).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    baseUrl: api.baseUrl,
    addCard: (change) => api.add(change),
    changeCard: (token, change) => api.change(token, change),
    removeCard: (token) => api.cards.delete(token),
    setDown: (down) => {
      api.down = down;
    },
    answersFor: (token) => api.answers.get(token) ?? [],
    joined: api.joined,
    asked: api.asked,
    setBrand: (brand) => {
      api.brand = brand;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

class ScriptedApi {
  baseUrl = '';
  down = false;
  brand: BrandAnswer = brandSchema.parse(brandOf(defaultProgram()));
  readonly asked: { what: string; body: unknown }[] = [];
  readonly cards = new Map<string, CardAnswer>();
  readonly answers = new Map<string, number[]>();
  readonly joined: unknown[] = [];

  add(change: Partial<CardAnswer> = {}): string {
    const token = `card_token_for_the_tests_${String(this.cards.size + this.joined.length).padStart(4, '0')}`;
    this.cards.set(token, cardSchema.parse({ ...this.newCard(token), ...change }));
    return token;
  }

  change(token: string, change: Partial<CardAnswer>): void {
    const before = this.cards.get(token);
    if (!before) throw new Error(`There is no card ${token}.`);
    this.cards.set(token, cardSchema.parse({ ...before, version: before.version + 1, ...change }));
  }

  join(body: unknown): { status: number; body: unknown } {
    const parsed = enrolment.safeParse(body);
    if (!parsed.success) return problem(new Problem('invalid_request', undefined, fieldErrors(parsed.error)));
    this.joined.push(parsed.data);
    const { name = null, locale = 'en' } = parsed.data;
    const token = this.add({ name, locale });
    return { status: 202, body: { status: 'accepted', cardUrl: `${this.baseUrl}/card/${token}` } };
  }

  card(token: string, ifNoneMatch: string | undefined) {
    const answer = this.cardAnswer(token, ifNoneMatch);
    this.answers.set(token, [...(this.answers.get(token) ?? []), answer.status]);
    return answer;
  }

  private cardAnswer(token: string, ifNoneMatch: string | undefined): Reply {
    if (this.down) return problem(new Problem('unavailable'));
    const card = this.cards.get(token);
    if (!card) return problem(new Problem('not_found'));
    const etag = `"${card.version}"`;
    if (ifNoneMatch === etag) return { status: 304, etag };
    return { status: 200, body: card, etag };
  }

  private newCard(token: string): CardAnswer {
    return {
      ...answerOf({
        ...ana,
        memberId: makeId('member', '01JD0000000000000000000000'),
        version: 1,
        name: 'Camille Durand',
        cardNumber: '2912345678906',
        balance: { available: 50, pending: 0, held: 0, debt: 0 },
        tier: {
          id: 'ami',
          name: 'Ami',
          qualifyingPoints: 0,
          nextTier: { id: 'complice', name: 'Complice', pointsMissing: 500 },
          validUntil: null,
        },
        expiring: [],
        vouchers: [
          { code: '7K2M9QWERTY4B', name: 'A coffee on us', type: 'gift', expiresAt: '2027-01-21T23:00:00Z' },
        ],
      }),
      referralCode: friendsCode,
      cardUrl: `${this.baseUrl}/card/${token}`,
      wallet: {
        appleUrl: `${this.baseUrl}/v1/cards/${token}/apple`,
        googleUrl: `${this.baseUrl}/v1/cards/${token}/google`,
      },
    };
  }
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly etag?: string;
}

function problem(error: Problem): Reply & { body: unknown } {
  return { status: error.status, body: error.body('req_scripted') };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  api: ScriptedApi,
  folder: string,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://site');
  response.setHeader('content-security-policy', contentSecurityPolicy);
  const token = /^\/v1\/cards\/([^/]+)$/.exec(pathname)?.[1];
  if (pathname === '/v1/brand')
    return reply(response, api.down ? problem(new Problem('unavailable')) : { status: 200, body: api.brand });
  if (pathname === '/v1/brand/icon.svg') {
    response.setHeader('content-type', 'image/svg+xml');
    response.writeHead(200).end(iconSvg(defaultProgram()));
    return;
  }
  const given = /^\/v1\/cards\/([^/]+)\/(profile|confirm|link)$/.exec(pathname);
  if (given) {
    api.asked.push({ what: given[2] ?? '', body: JSON.parse(await textOf(request)) as unknown });
    return reply(response, {
      status: 200,
      body: { missing: [], status: 'confirmed', cardUrl: `${api.baseUrl}/card/${given[1]}` },
    });
  }
  if (pathname === '/v1/join' && request.method === 'POST') {
    const body = JSON.parse(await textOf(request)) as unknown;
    reply(response, api.down ? problem(new Problem('unavailable')) : api.join(body));
  } else if (token !== undefined) {
    reply(response, api.card(token, request.headers['if-none-match']));
  } else await sendFile(response, folder, pathname);
}

function reply(response: ServerResponse, { status, body, etag }: Reply): void {
  if (etag !== undefined) response.setHeader('etag', etag);
  response.setHeader('content-type', status < 400 ? 'application/json' : 'application/problem+json');
  response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Every card's address shows the one card page, as the deployed site's rewrite does. */
async function sendFile(response: ServerResponse, folder: string, pathname: string): Promise<void> {
  const file = pathname.startsWith('/card/') ? '/card/index.html' : pathname.replace(/\/$/, '/index.html');
  try {
    const bytes = await readFile(join(folder, normalize(file)));
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    response.writeHead(200).end(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.writeHead(404).end(await readFile(join(folder, '404.html')));
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
