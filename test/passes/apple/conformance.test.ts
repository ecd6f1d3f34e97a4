/** Readers that are not ours: OpenSSL for the signature, unzip for the archive, KDE's KPkPass for the pass. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePasses } from '../../../passes/apple/index.ts';
import { type Language, labels, notices } from '../../../passes/labels.ts';
import { ana, arbView, check, look } from '../views.ts';
import { authenticationToken, openWorkshop, type Workshop } from './build.ts';
import { compileReader, type ReadField, type ReadPass } from './kpkpass.ts';
import { isInstalled, runWith } from './openssl.ts';
import { fieldsByKey, passJson, unzip } from './read.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});

const full = { ...ana, ...look, balance: { available: 1240, pending: 120, held: 100, debt: 30 } };

describe.skipIf(!isInstalled('openssl', 'version'))('OpenSSL', () => {
  it('verifies the manifest by the chain to the root, and nothing else by it', () => {
    const files = unzip(workshop.build(full));
    const [manifest, signature] = [files.get('manifest.json'), files.get('signature')];
    if (!manifest || !signature) throw new Error('A file is missing.');
    const given = { manifest, signature, root: workshop.chain.root };
    const verify = 'cms -verify -in signature -inform DER -content manifest -binary -CAfile root'.split(' ');
    expect(runWith(given, 'openssl', ...verify)).toBe(manifest.toString());
    const other = unzip(workshop.build({ ...full, version: 13 })).get('manifest.json') ?? manifest;
    expect(() => runWith({ ...given, manifest: other }, 'openssl', ...verify)).toThrow(
      /digest|verification/i,
    );
  });
});

describe.skipIf(!isInstalled('unzip', '-v'))('unzip', () => {
  it('finds no fault in a pass', () => {
    expect(runWith({ pass: workshop.build(full) }, 'unzip', '-t', 'pass')).toContain('No errors detected');
  });

  it('finds no fault in several passes and none in each of them', () => {
    const archive = bundlePasses([workshop.build(ana), workshop.build(full)]);
    expect(runWith({ archive }, 'unzip', '-t', 'archive')).toMatch(
      /card-1\.pkpass\s+OK[\s\S]+card-2\.pkpass\s+OK/,
    );
    for (const [, pass] of unzip(archive))
      expect(runWith({ pass }, 'unzip', '-t', 'pass')).toContain('No errors detected');
  });
});

const reader = compileReader();
if (!reader)
  console.warn('Passes are not read by KPkPass: libkpimpkpass-dev, g++ or pkg-config is not installed.');
afterAll(() => reader?.remove());

function read(pass: Uint8Array, locale = 'en_GB'): ReadPass {
  if (!reader) throw new Error('There is no reader.');
  return reader.read(pass, locale);
}

const allFields = (pass: ReadPass) =>
  new Map(
    [pass.header, pass.primary, pass.secondary, pass.auxiliary, pass.back]
      .flat()
      .map((one) => [one.key, one]),
  );
const field = (pass: ReadPass, key: string): ReadField | undefined => allFields(pass).get(key);

/** The fields of a full card whose label is a word of ours; each has the name of its label. */
const labelled = [
  ...(['points', 'holder', 'tier', 'nextTier', 'pending', 'cardPage', 'support', 'tierUntil'] as const),
  ...(['held', 'debt', 'cardNumber', 'programme', 'about'] as const),
];

describe.skipIf(!reader)('KPkPass', () => {
  it('reads a store card with its names, colours, images, barcodes, places and web service', () => {
    expect(read(workshop.build(full))).toMatchObject({
      isStoreCard: true,
      description: 'Maison Philia loyalty card',
      organizationName: 'Maison Philia',
      logoText: 'Maison Philia',
      passTypeIdentifier: 'pass.test.philia',
      serialNumber: ana.memberId,
      passUpdateUrl: `https://philia.example/apple/v1/passes/pass.test.philia/${ana.memberId}`,
      authenticationToken,
      expirationDate: '',
      backgroundColor: look.colours.background,
      images: [true, true, true],
      stripSize: [750, 288],
      barcodes: [
        { message: ana.cardNumber, alternativeText: ana.cardNumber },
        { message: ana.cardNumber, alternativeText: ana.cardNumber },
        { message: ana.cardNumber, alternativeText: ana.cardNumber },
      ],
      locations: [
        { latitude: 48.8566, longitude: 2.3622, relevantText: 'Paris Marais' },
        { latitude: 45.764, longitude: 4.8357, relevantText: 'Un café vous attend' },
      ],
    });
  });

  // It takes `voided` for a text, where Apple has a boolean: that one it cannot tell.
  it('reads since when a closed card is expired', () => {
    expect(read(workshop.build({ ...full, status: 'closed' }))).toMatchObject({
      expirationDate: '2026-11-22T10:00:00Z',
      locations: [],
    });
  });

  it.each([
    ['en', 'en_GB'],
    ['fr', 'fr_FR'],
    ['de', 'de_DE'],
    ['es', 'es_ES'],
    ['nl', 'nl_NL'],
    ['it', 'it_IT'],
  ] as const)('translates every label and notice: %s', (language: Language, locale) => {
    const pass = read(workshop.build({ ...full, locale: language }), locale);
    for (const key of labelled) expect(field(pass, key)?.label, key).toBe(labels[key][language]);
    expect(field(pass, 'about')?.value).toBe(labels.aboutText[language]);
    expect(field(pass, 'tier')?.changeMessage).toBe(notices.tier[language].replace('%@', 'Complice'));
    expect(field(pass, 'stamp-coffee')?.changeMessage).toBe(notices.stamps[language].replace('%@', '3 / 5'));
  });

  it('reads the fields of any card as we wrote them, whatever people and stores are called', () => {
    check(
      fc.property(arbView, (view) => {
        const bytes = workshop.build(view);
        const found = allFields(read(bytes));
        const written = fieldsByKey(passJson(bytes));
        expect([...found.keys()]).toEqual([...written.keys()]);
        for (const [key, { value, label }] of written) {
          const one = found.get(String(key));
          expect(one?.label).toBe(label);
          if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value))
            expect(Date.parse(String(one?.value))).toBe(Date.parse(value));
          else if (typeof value === 'string') expect(one?.value).toBe(value);
          else expect(['', value]).toContain(one?.value);
        }
      }),
      15,
    );
  });
});
