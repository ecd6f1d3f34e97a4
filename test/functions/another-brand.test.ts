/**
 * Another brand's programme, with a name, colours, images, bonus and terms of its own: whatever a member is given of it
 * holds nothing of the one that ships. What the pages show is searched in Chromium (test/browser/pages.test.ts).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { brandOf } from '../../core/brand.ts';
import type { CardView } from '../../core/card.ts';
import { plainColours, rgbOf } from '../../core/colours.ts';
import { type ErrorCode, errors } from '../../core/contract/errors.ts';
import { languages } from '../../core/localized.ts';
import type { Program } from '../../core/program.ts';
import { programDocument } from '../../core/program.ts';
import { languagesOf } from '../../core/program-texts.ts';
import type { Deps } from '../../functions/deps.ts';
import { handler as messages } from '../../functions/events/messages.ts';
import { cardToken, enrol } from '../../ledger/ledger.ts';
import { createPassBuilder } from '../../passes/apple/index.ts';
import { loyaltyClass, loyaltyObject } from '../../passes/google/index.ts';
import { sampleView } from '../../passes/preview/sample.ts';
import { loyaltyCard } from '../../passes/samsung/index.ts';
import { loadRasterizer } from '../../passes/strip/raster.ts';
import { readBrand } from '../../tools/brand.ts';
import { png } from '../../tools/images.ts';
import { contentOf, credentialsOf, now } from '../passes/apple/build.ts';
import { makeChain } from '../passes/apple/chain.ts';
import { parseStrings, unzip } from '../passes/apple/read.ts';
import { links } from '../passes/views.ts';
import { knock } from '../support/doors.ts';
import { putInForce } from '../support/histories.ts';
import { newWorld } from '../support/ports.ts';
import { defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

const ours = defaultProgram();
const background = '#8a1538';
const other: Program = {
  ...programDocument.parse({
    name: {
      en: 'Northlight Roasters',
      fr: 'Torréfaction du Nord',
      de: 'Kaffeerösterei Nordlicht',
      es: 'Tostadores Luz del Norte',
      nl: 'Branderij Noorderlicht',
      it: 'Torrefazione Aurora',
    },
    languages: ['de', 'en', 'fr', 'es', 'nl', 'it'],
    timeZone: 'Europe/Berlin',
    currencies: { CHF: { points: 2, perMinor: 100 } },
    channels: Object.fromEntries(
      ['web', 'store', 'app'].map((channel) => [channel, { multiplier: '1', pendingDays: 3 }]),
    ),
    expiry: { months: 6 },
    tiers: [
      { id: 'dawn', name: 'Dawn', threshold: 0, multiplier: '1', benefits: ['Tastings'] },
      { id: 'noon', name: 'Noon', threshold: 300, multiplier: '2', benefits: ['Roast of the month'] },
    ],
    bonuses: { welcome: 75 },
    stamps: [
      { id: 'filter', name: 'Filter card', when: "line.category == 'filter'", of: 8, reward: 'filter-free' },
    ],
    rewards: [
      { id: 'filter-free', name: 'A filter on the house', points: 90, type: 'gift', sku: 'FILTER' },
      { id: 'ten-francs', name: '10 francs', points: 60, type: 'amount', valueMinor: 1000, currency: 'CHF' },
    ],
    card: {
      colours: { background, foreground: '#ffffff', label: '#ffd9a0' },
      supportUrl: 'https://northlight.example/help',
    },
    pages: { terms: 'https://northlight.example/terms', privacy: 'https://northlight.example/privacy' },
  }),
  version: 1,
};

/** Every text of the programme that ships, its mark, its colours, and its bonus as it is promised. */
const sampleWords: readonly string[] = [
  ...['Maison', 'Philia', 'Φ', 'φ'],
  ...[...ours.tiers, ...ours.rewards, ...ours.stamps, ...ours.campaigns].map(({ name }) => String(name)),
  ...ours.tiers.flatMap(({ benefits = [] }) => benefits.map(String)),
  ...Object.values(plainColours).filter((colour) => colour !== '#ffffff'),
  ...Object.values(plainColours)
    .filter((colour) => colour !== '#ffffff')
    .map((colour) => `rgb(${rgbOf(colour).join(', ')})`),
];

function leftOf(text: string): string[] {
  const words = sampleWords.filter((word) =>
    new RegExp(
      `(?<![\\p{L}\\p{N}])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`,
      'u',
    ).test(text),
  );
  return /\b50 (points|Punkte|puntos|punten|punti)\b/.test(text) ? [...words, '50 points'] : words;
}

const folder = mkdtempSync(join(tmpdir(), 'philia-brand-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder of images of the brand's own, as it stands beside a programme. */
function ownBrand() {
  const image = (width: number, height: number) =>
    png({ width, height, rgba: new Uint8Array(4 * width * height).fill(138) });
  const files = [1, 2, 3].flatMap((scale) => {
    const end = scale === 1 ? '' : `@${scale}x`;
    return [
      [`icon${end}.png`, image(29 * scale, 29 * scale)],
      [`logo${end}.png`, image(100 * scale, 50 * scale)],
    ] as const;
  });
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  return [...readBrand(folder).apple].map(([name, bytes]) => ({ name, bytes }));
}

const viewOf = (program: Program, locale: string): CardView =>
  sampleView(program, { name: 'Camille Durand', locale }, now);

describe.each(languages)("another brand's card in %s", (language) => {
  let files: Map<string, Buffer>;
  let sample: Map<string, Buffer>;
  const view = viewOf(other, language);
  const name = brandOf(other).name[language];
  beforeAll(async () => {
    const credentials = credentialsOf(await makeChain());
    const draw = await loadRasterizer();
    const built = (own: CardView, images?: ReturnType<typeof ownBrand>) =>
      unzip(createPassBuilder(credentials, draw, images).build(contentOf(own), now));
    files = built(view, ownBrand());
    sample = built(viewOf(ours, language));
  });

  it("holds none of the sample's words in any file of the pass, in any language", () => {
    const texts = [...files].filter(([file]) => !/\.png$|^signature$|^manifest\.json$/.test(file));
    expect(texts.map(([file]) => file)).toEqual(
      expect.arrayContaining(['pass.json', ...languages.map((one) => `${one}.lproj/pass.strings`)]),
    );
    const shown = texts.map(([file, bytes]) => [
      file,
      file.endsWith('.strings') ? JSON.stringify([...parseStrings(bytes)]) : bytes.toString('utf8'),
    ]);
    for (const [file = '', text = ''] of shown) expect([file, leftOf(text)]).toEqual([file, []]);
    const pass = JSON.parse(String(files.get('pass.json')));
    expect(pass).toMatchObject({
      organizationName: name,
      backgroundColor: `rgb(${rgbOf(background).join(', ')})`,
    });
  });

  it("shows images of its own, and no file is the sample's", () => {
    const images = [...files].filter(([file]) => file.endsWith('.png'));
    expect(images.map(([file]) => file.replace(/^.*\//, '').replace(/@.*|\.png$/g, ''))).toEqual(
      expect.arrayContaining(['icon', 'logo', 'strip']),
    );
    const samples = new Set([...sample.values()].map((bytes) => bytes.toString('base64')));
    const same = images.filter(([, bytes]) => samples.has(bytes.toString('base64')));
    expect(same.map(([file]) => file)).toEqual([]);
  });

  it("is Google's object and class, and Samsung's card, of its own", () => {
    const publicUrl = 'https://cards.northlight.example';
    const { colours } = view;
    const input = { programName: brandOf(other).name, issuerId: '3388000000012345678', publicUrl, colours };
    const objects = {
      class: loyaltyClass({ ...input, language: languagesOf(other)[0] ?? 'en' }),
      object: loyaltyObject(view, links, '3388000000012345678'),
      samsung: loyaltyCard({
        view,
        links,
        refId: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        createdAt: '2026-01-01T00:00:00Z',
        publicUrl,
        balanceAttributes: ['balance'],
      }),
    };
    for (const [what, object] of Object.entries(objects))
      expect([what, leftOf(JSON.stringify(object))]).toEqual([what, []]);
    expect(objects.class).toMatchObject({ hexBackgroundColor: background });
    expect(objects.samsung.card.data[0]?.attributes).toMatchObject({ bgColor: background });
  });
});

describe('a member of another brand', () => {
  const sent: string[] = [];
  const world = newWorld();
  const tokens = new Map<string, string>();
  beforeAll(async () => {
    const messenger = {
      email: async (_to: string, message: object) => void sent.push(JSON.stringify(message)),
      sms: async (_to: string, text: string) => void sent.push(text),
    };
    current.deps = { ...world.deps, messages: async () => messenger };
    await putInForce(world.ledger, other);
    for (const locale of languages) {
      const person = { email: `${locale}@example.com`, locale };
      const enrolled = await enrol(world.ledger, other, person, noon);
      if (enrolled.type !== 'enrolled') throw new Error('The member exists.');
      tokens.set(locale, cardToken(world.ledger, enrolled.member.account.memberId));
    }
  });

  it('is written to in its name alone, whoever asked for the card', async () => {
    for (const [locale, cardToken] of tokens) {
      const joining = { email: `${locale}-joins@example.com`, locale };
      const joined = await knock('join', { body: { ...joining, name: 'Ana', consents: {} } });
      expect(joined.status).toBe(202);
      expect((await knock('sendLink', { params: { cardToken }, body: {} })).status).toBe(202);
      for (const { source, name, detail } of world.events.splice(0)) {
        const body = JSON.stringify({ id: 'e', source, 'detail-type': name, detail });
        const record = { messageId: 'm', body, attributes: { ApproximateReceiveCount: '1' } };
        await messages({ Records: [record] } as never, { getRemainingTimeInMillis: () => 60_000 } as never);
      }
    }
    expect(sent).toHaveLength(2 * languages.length);
    for (const message of sent) expect([message, leftOf(message)]).toEqual([message, []]);
    for (const name of Object.values(brandOf(other).name))
      expect(sent.filter((one) => one.includes(name))).toHaveLength(2);
  });

  it('reads its name, bonus, colours and addresses in what pages are told', async () => {
    const told = [
      await knock('getBrand', {}),
      await knock('getBrandIcon', {}),
      ...(await Promise.all(
        [...tokens.values()].map((cardToken) => knock('getCard', { params: { cardToken } })),
      )),
    ];
    for (const { status, body } of told) {
      expect(status).toBe(200);
      const text = typeof body === 'string' ? Buffer.from(body, 'base64').toString() : JSON.stringify(body);
      expect(leftOf(text)).toEqual([]);
    }
    expect(told[0]?.body).toMatchObject({
      welcome: 75,
      colours: { background },
      termsUrl: { de: 'https://northlight.example/terms' },
      privacyUrl: { de: 'https://northlight.example/privacy' },
    });
  });

  it('is told of a mistake without a word of the sample', () => {
    for (const code of Object.keys(errors) as ErrorCode[])
      expect([code, leftOf(JSON.stringify(errors[code]).replaceAll('X-Philia-Client', ''))]).toEqual([
        code,
        [],
      ]);
  });
});

it("the search finds the sample's own words where they are", () => {
  const found = leftOf(JSON.stringify([viewOf(ours, 'en'), plainColours, '50 points']));
  expect(found).toEqual(
    expect.arrayContaining(['Maison', 'Philia', 'Complice', 'Coffee card', '€5 off', '#26292f', '50 points']),
  );
});
