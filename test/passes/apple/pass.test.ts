import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { PKPass } from 'passkit-generator';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { CardView } from '../../../core/card.ts';
import {
  type AppleCredentials,
  buildPass,
  manifestOf,
  parseAppleCredentials,
} from '../../../passes/apple/index.ts';
import { translated } from '../../../passes/apple/strings.ts';
import { colours, rgbOf } from '../../../passes/colours.ts';
import { ana, arbView, check, links } from '../views.ts';
import { type Chain, makeChain } from './chain.ts';
import { isInstalled, runWith } from './openssl.ts';
import { fieldsByKey, parseStrings, passJson, unzip } from './read.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
let chain: Chain;
let credentials: AppleCredentials;
beforeAll(async () => {
  chain = await makeChain();
  const { certificate, privateKey, wwdr } = chain;
  const secret = { passTypeIdentifier: 'pass.test.philia', teamIdentifier: 'TEAM000001' };
  const parsed = parseAppleCredentials({ ...secret, certificate, privateKey, wwdr }, now);
  if (!parsed || 'problem' in parsed) throw new Error(parsed?.problem);
  credentials = parsed;
});

const webServiceUrl = 'https://philia.example/apple';
const authenticationToken = 'AAAAAAAAAAAAAAAAAAAAAA';
function content(view: CardView) {
  return { view, links, webServiceUrl, authenticationToken, credentials };
}
function build(view: CardView, at = now): Buffer {
  return buildPass({ ...content(view), now: at });
}

describe('the package', () => {
  it('holds exactly the files of a pass, at its top level', () => {
    expect([...unzip(build(ana)).keys()].sort()).toEqual(
      [
        ...['', '@2x', '@3x'].flatMap((scale) =>
          ['icon', 'logo', 'strip'].map((name) => `${name}${scale}.png`),
        ),
        'en.lproj/pass.strings',
        'fr.lproj/pass.strings',
        'manifest.json',
        'pass.json',
        'signature',
      ].sort(),
    );
  });

  it('has a manifest of the SHA-1 of every file but itself and the signature', () => {
    const files = unzip(build(ana));
    const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '');
    files.delete('manifest.json');
    files.delete('signature');
    const hashes = [...files].map(([name, bytes]) => [name, createHash('sha1').update(bytes).digest('hex')]);
    expect(manifest).toEqual(Object.fromEntries(hashes));
  });

  it.skipIf(!isInstalled('openssl', 'version'))('is signed so that OpenSSL accepts its manifest', () => {
    const files = unzip(build(ana));
    const [manifest, signature] = [files.get('manifest.json'), files.get('signature')];
    if (!manifest || !signature) throw new Error('A file is missing.');
    const verify = 'cms -verify -in signature -inform DER -content manifest -binary -CAfile root';
    expect(runWith({ manifest, signature, root: chain.root }, 'openssl', ...verify.split(' '))).toBe(
      manifest.toString(),
    );
  });

  it.skipIf(!isInstalled('unzip', '-v'))('is an archive that unzip finds without fault', () => {
    expect(runWith({ pass: build(ana) }, 'unzip', '-t', 'pass')).toContain('No errors detected');
  });

  it('has the same bytes for the same request', () => {
    expect(build(ana).equals(build({ ...ana }))).toBe(true);
  });

  it('has a manifest that does not depend on when it is signed', () => {
    const manifest = manifestOf(content(ana));
    for (const at of [now, now + 60_000])
      expect(unzip(build(ana, at)).get('manifest.json')?.equals(manifest)).toBe(true);
  });

  it('is signed at the time that it is told', () => {
    expect(build(ana, now).equals(build(ana, now + 60_000))).toBe(false);
  });

  it('keeps a secret of its own: a short authentication token is refused', () => {
    expect(() => buildPass({ ...content(ana), now, authenticationToken: 'short' })).toThrow(
      "A pass's authentication token has at least 16 characters, not 5.",
    );
  });
});

describe('pass.json', () => {
  it('identifies the card and its web service', () => {
    expect(passJson(build(ana))).toMatchObject({
      formatVersion: 1,
      passTypeIdentifier: 'pass.test.philia',
      teamIdentifier: 'TEAM000001',
      serialNumber: ana.memberId,
      organizationName: 'Maison Philia',
      description: 'Maison Philia loyalty card',
      logoText: 'Maison Philia',
      webServiceURL: webServiceUrl,
      authenticationToken,
      sharingProhibited: true,
      voided: false,
      userInfo: { version: 12 },
    });
  });

  it('wears the colours whose contrast is tested', () => {
    const { backgroundColor, foregroundColor, labelColor } = passJson(build(ana));
    const css = (hex: string) => `rgb(${rgbOf(hex).join(', ')})`;
    expect([backgroundColor, foregroundColor, labelColor]).toEqual(
      [colours.background, colours.foreground, colours.label].map(css),
    );
  });

  it("shows the sender's name from the credentials where they have one", () => {
    const named = { ...content(ana), now, credentials: { ...credentials, organizationName: 'Maison SA' } };
    expect(passJson(buildPass(named))['organizationName']).toBe('Maison SA');
  });

  it('is void for a closed card', () => {
    expect(passJson(build({ ...ana, status: 'closed' }))['voided']).toBe(true);
  });

  it('offers the EAN-13 first and the same digits as Code 128 to older phones', () => {
    const barcodes = passJson(build(ana))['barcodes'] as Record<string, unknown>[];
    expect(barcodes.map(({ format }) => format)).toEqual(['PKBarcodeFormatEAN13', 'PKBarcodeFormatCode128']);
    for (const barcode of barcodes)
      expect(barcode).toMatchObject({ message: ana.cardNumber, altText: ana.cardNumber });
  });

  it('shows the balance in the header and says its changes', () => {
    expect(passJson(build(ana)).storeCard.headerFields).toEqual([
      {
        key: 'points',
        label: 'Points',
        value: 1240,
        numberStyle: 'PKNumberStyleDecimal',
        changeMessage: 'Your points balance is now %@.',
      },
    ]);
  });

  it('shows holder, tier, way to the next tier, pending and expiring points on the front', () => {
    const { primaryFields, secondaryFields, auxiliaryFields } = passJson(build(ana)).storeCard;
    expect([...primaryFields, ...secondaryFields, ...auxiliaryFields]).toMatchObject([
      { label: 'Card holder', value: 'Ana Lopes' },
      { label: 'Your tier', value: 'Complice', changeMessage: 'Your tier is now %@.' },
      { label: 'Next tier', value: '760 points to Intime' },
      { label: 'Pending points', value: 120 },
      {
        label: '1 point expires on',
        value: '2027-12-01T00:00:00+01:00',
        dateStyle: 'PKDateStyleMedium',
        ignoresTimeZone: true,
      },
    ]);
  });

  it('shows the programme in place of a name that is not known', () => {
    expect(passJson(build({ ...ana, name: null })).storeCard.primaryFields).toMatchObject([
      { label: 'Loyalty programme', value: 'Maison Philia' },
    ]);
  });

  it('leaves out what there is none of', () => {
    const bare = {
      ...ana,
      balance: { available: 0, pending: 0, held: 0, debt: 0 },
      tier: { ...ana.tier, nextTier: null, validUntil: null },
      expiring: [],
      stamps: [],
    };
    const { headerFields, secondaryFields, auxiliaryFields, backFields } = passJson(build(bare)).storeCard;
    expect(headerFields).toMatchObject([{ value: 0 }]);
    expect(secondaryFields.map(({ key }) => key)).toEqual(['tier']);
    expect(auxiliaryFields).toEqual([]);
    expect(backFields.map(({ key }) => key)).toEqual(['cardPage', 'cardNumber', 'programme', 'about']);
  });

  it('has on its back the link, stamps, every expiry and what is held or owed', () => {
    const view = { ...ana, balance: { ...ana.balance, held: 100, debt: 30 } };
    expect(passJson(build(view)).storeCard.backFields).toMatchObject([
      { key: 'cardPage', value: links.cardUrl },
      { label: 'Coffee card', value: '3 / 5', changeMessage: 'Your stamps: %@.' },
      { label: '1 point expires on', value: '2027-12-01T00:00:00+01:00' },
      { label: '1,239 points expire on', value: '2028-06-01T00:00:00+02:00' },
      { label: 'Tier valid until', value: '2027-12-01T00:00:00+01:00' },
      { label: 'Points on hold', value: 100 },
      { label: 'Points owed', value: 30 },
      { label: 'Card number', value: ana.cardNumber },
      { label: 'Loyalty programme', value: 'Maison Philia' },
      { label: 'About this card' },
    ]);
  });

  it('tells eight dates of expiry and the sum of all later ones', () => {
    const expiring = Array.from({ length: 11 }, (_, index) => ({
      points: index + 1,
      at: '2028-01-01T00:00:00Z',
    }));
    const { backFields } = passJson(build({ ...ana, expiring })).storeCard;
    const keys = backFields.map(({ key }) => String(key)).filter((key) => key.startsWith('expiring'));
    expect(keys).toHaveLength(9);
    expect(backFields).toContainEqual(expect.objectContaining({ value: '30 points expire later' }));
  });

  it("writes texts with numbers in the member's language", () => {
    const fields = fieldsByKey(passJson(build({ ...ana, locale: 'fr-FR' })));
    expect(fields.get('nextTier')?.['value']).toBe('760 points avant Intime');
    expect(fields.get('expiring')?.['label']).toBe('1 point expire le');
    expect(fields.get('expiring-1')?.['label']).toBe('1\u202f239 points expirent le');
  });

  it('is made just so by passkit-generator too, with the same images and hashes and without a warning', () => {
    const warned = vi.spyOn(console, 'warn');
    const files = unzip(build(ana));
    const { certificate, privateKey, wwdr } = chain;
    const library = new PKPass(
      Object.fromEntries(files),
      { signerCert: certificate, signerKey: privateKey, wwdr },
      {},
    );
    const made = library.getAsRaw();
    expect(JSON.parse(made['pass.json']?.toString() ?? '')).toEqual(passJson(build(ana)));
    const images = Object.keys(made).filter((name) => name.endsWith('.png'));
    expect(images).toHaveLength(9);
    const [ours, theirs] = [files.get('manifest.json'), made['manifest.json']].map((bytes) =>
      JSON.parse(bytes?.toString() ?? ''),
    );
    for (const name of images) expect(theirs[name], name).toBe(ours[name]);
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('pass.strings', () => {
  const languages = ['en', 'fr'].map((language) => `${language}.lproj/pass.strings`);

  it('has the same keys in every language, and in English each key for its own value', () => {
    const [en, fr] = languages.map((name) => parseStrings(unzip(build(ana)).get(name) ?? Buffer.alloc(0)));
    expect([...(fr?.keys() ?? [])]).toEqual([...(en?.keys() ?? [])]);
    for (const [key, value] of en ?? []) expect(value).toBe(key);
    expect(fr?.get('Your points balance is now %@.')).toBe('Votre solde de points est désormais de %@.');
  });

  it('translates every label and notice of the pass that is not written for the member', () => {
    const keys = new Set(translated.map(({ en }) => en));
    const own = /^(1 point expires on|1,239 points expire on|Coffee card)$/;
    for (const field of fieldsByKey(passJson(build(ana))).values()) {
      if (!own.test(String(field['label']))) expect(keys).toContain(field['label']);
      if (field['changeMessage'] !== undefined) expect(keys).toContain(field['changeMessage']);
    }
  });

  it('keeps the place of the new value in every notice', () => {
    for (const text of translated)
      expect(text.fr.split('%@').length, text.en).toBe(text.en.split('%@').length);
  });
});

describe('for any card', () => {
  it('the pass shows the numbers and texts of the view, exactly', () => {
    check(
      fc.property(arbView, (view) => {
        const pass = passJson(build(view));
        const fields = fieldsByKey(pass);
        const value = (key: string) => fields.get(key)?.['value'];
        expect(pass['serialNumber']).toBe(view.memberId);
        expect(pass['userInfo']).toEqual({ version: view.version });
        expect(pass['logoText']).toBe(view.programName);
        expect(value('points')).toBe(view.balance.available);
        expect(value('holder')).toBe(view.name ?? view.programName);
        expect(value('tier')).toBe(view.tier.name);
        expect(value('cardNumber')).toBe(view.cardNumber);
        for (const name of ['pending', 'held', 'debt'] as const)
          expect(value(name)).toBe(view.balance[name] || undefined);
        if (view.tier.nextTier) expect(value('nextTier')).toContain(` ${view.tier.nextTier.name}`);
        for (const stamp of view.stamps)
          expect(fields.get(`stamp-${stamp.id}`)).toMatchObject({
            label: stamp.name,
            value: `${stamp.count} / ${stamp.of}`,
          });
      }),
    );
  });

  it('every date on the pass is the very instant of the view', () => {
    check(
      fc.property(arbView, (view) => {
        const fields = fieldsByKey(passJson(build(view)));
        const at = (key: string) => Date.parse(String(fields.get(key)?.['value']));
        for (const [index, lot] of view.expiring.slice(0, 8).entries())
          expect(at(`expiring-${index}`)).toBe(Date.parse(lot.at));
        if (view.tier.validUntil) expect(at('tierUntil')).toBe(Date.parse(view.tier.validUntil));
      }),
    );
  });

  it('at most four fields stand below the strip', () => {
    check(
      fc.property(arbView, (view) => {
        const { secondaryFields, auxiliaryFields } = passJson(build(view)).storeCard;
        expect(secondaryFields.length + auxiliaryFields.length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('the manifest changes with the balance and with nothing but the view', () => {
    check(
      fc.property(arbView, (view) => {
        const { balance } = view;
        const richer = { ...view, balance: { ...balance, available: balance.available + 1 } };
        const manifest = manifestOf(content(view));
        expect(manifestOf(content(structuredClone(view))).equals(manifest)).toBe(true);
        expect(manifestOf(content(richer)).equals(manifest)).toBe(false);
      }),
    );
  });
});
