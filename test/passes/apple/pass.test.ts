import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CardView } from '../../../core/card.ts';
import { rgbOf } from '../../../core/colours.ts';
import { createPassBuilder } from '../../../passes/apple/index.ts';
import { colours } from '../../../passes/colours.ts';
import { loadRasterizer } from '../../../passes/strip/raster.ts';
import { ana, arbView, check, encryptionPublicKey, links, look } from '../views.ts';
import { authenticationToken, contentOf, now, openWorkshop, type Workshop, webServiceUrl } from './build.ts';
import { fieldsByKey, passJson } from './read.ts';

let build: Workshop['build'];
let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
  build = workshop.build;
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

  it("wears the programme's colours, and without any those of the house, whose contrast is tested", () => {
    const css = (hex: string) => `rgb(${rgbOf(hex).join(', ')})`;
    for (const own of [null, look.colours]) {
      const { backgroundColor, foregroundColor, labelColor } = passJson(build({ ...ana, colours: own }));
      const { background, foreground, label } = own ?? colours;
      expect([backgroundColor, foregroundColor, labelColor]).toEqual(
        [background, foreground, label].map(css),
      );
    }
  });

  it("shows the sender's name from the credentials where they have one", async () => {
    const named = createPassBuilder(
      { ...workshop.credentials, organizationName: 'Maison SA' },
      await loadRasterizer(),
    );
    expect(passJson(named.build(contentOf(ana), now))['organizationName']).toBe('Maison SA');
  });

  it('offers itself in the stores, near the beacons and to the readers of the programme', () => {
    const { locations, beacons, nfc } = passJson(build({ ...ana, ...look }));
    expect(locations).toEqual([
      { latitude: 48.8566, longitude: 2.3622, relevantText: 'Paris Marais' },
      { latitude: 45.764, longitude: 4.8357, relevantText: 'Un café vous attend' },
    ]);
    expect(beacons).toEqual(look.beacons);
    expect(nfc).toEqual({ message: ana.cardNumber, encryptionPublicKey });
    expect(Buffer.byteLength(ana.cardNumber ?? '')).toBeLessThanOrEqual(64);
  });

  it('says nothing of stores, beacons and readers that the programme does not have', () => {
    const pass = passJson(build(ana));
    for (const name of ['locations', 'beacons', 'nfc', 'expirationDate'])
      expect(pass).not.toHaveProperty(name);
  });

  it('is void and expired for a closed card, and offers itself nowhere any more', () => {
    const pass = passJson(build({ ...ana, ...look, status: 'closed' }));
    expect(pass).toMatchObject({ voided: true, expirationDate: ana.updatedAt });
    for (const name of ['locations', 'beacons', 'nfc']) expect(pass).not.toHaveProperty(name);
  });

  it('never groups cards, which store cards do not know', () => {
    expect(passJson(build({ ...ana, ...look }))).not.toHaveProperty('groupingIdentifier');
  });

  it.each([
    [null, ['Code128', 'EAN13', 'QR']],
    [
      ['ean13', 'qr'],
      ['EAN13', 'QR'],
    ],
  ] as const)(
    'offers Code 128 first, which every reader draws, or as the programme says: %j',
    (order, formats) => {
      const barcodes = passJson(build({ ...ana, barcodes: order }))['barcodes'] as Record<string, unknown>[];
      expect(barcodes.map(({ format }) => format)).toEqual(formats.map((one) => `PKBarcodeFormat${one}`));
      for (const barcode of barcodes)
        expect(barcode).toMatchObject({ message: ana.cardNumber, altText: ana.cardNumber });
    },
  );

  it('shows the balance in the header and says its changes', () => {
    expect(passJson(build(ana)).storeCard.headerFields).toEqual([
      {
        key: 'points',
        label: 'Points',
        value: 1240,
        numberStyle: 'PKNumberStyleDecimal',
        changeMessage: '+25 points, %@ now',
      },
    ]);
  });

  it('shows holder, tier, way to the next tier and one more fact on the front', () => {
    const { primaryFields, secondaryFields } = passJson(build(ana)).storeCard;
    expect([...primaryFields, ...secondaryFields]).toMatchObject([
      { label: 'Card holder', value: 'Ana Lopes' },
      { label: 'Your tier', value: 'Complice', changeMessage: 'Your tier is now %@.' },
      { label: 'Next tier', value: '760 points to Intime' },
    ]);
  });

  it('shows there the voucher that ends first, else what is pending, else what lapses first', () => {
    const frontOf = (view: CardView) => passJson(build(view)).storeCard.auxiliaryFields;
    const keysBehind = (view: CardView) =>
      passJson(build(view)).storeCard.backFields.map(({ key }) => key as string);
    const [first] = ana.vouchers;
    if (!first) throw new Error('Ana has a voucher.');
    const vouchers = [first, { ...first, code: 'M3X8TR0QJ5W7H', name: '€5 off' }];
    const both = { ...ana, vouchers };
    expect(frontOf(both)).toMatchObject([{ label: 'A coffee on us', value: '7K2M9QWERTY4B' }]);
    expect(keysBehind(both)).toContain('pending');
    const none = { ...ana, vouchers: [] };
    expect(frontOf(none)).toMatchObject([{ label: 'Pending points', value: 120 }]);
    expect(keysBehind(none)).not.toContain('pending');
    expect(frontOf({ ...none, balance: { ...ana.balance, pending: 0 } })).toMatchObject([
      {
        label: '1 point expires on',
        value: '2027-11-30T23:59:59+01:00',
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
      vouchers: [],
    };
    const { headerFields, secondaryFields, auxiliaryFields, backFields } = passJson(build(bare)).storeCard;
    expect(headerFields).toMatchObject([{ value: 0 }]);
    expect(secondaryFields.map(({ key }) => key)).toEqual(['tier']);
    expect(auxiliaryFields).toEqual([]);
    expect(backFields.map(({ key }) => key)).toEqual(['cardPage', 'cardNumber', 'programme', 'about']);
  });

  it('has on its back the link, vouchers, stamps, every expiry and what is held or owed', () => {
    const { supportUrl } = look;
    const view = { ...ana, balance: { ...ana.balance, held: 100, debt: 30 }, supportUrl };
    expect(passJson(build(view)).storeCard.backFields).toMatchObject([
      { key: 'cardPage', value: links.cardUrl },
      {
        label: 'Help and contact',
        value: look.supportUrl,
        dataDetectorTypes: ['PKDataDetectorTypeLink'],
      },
      {
        key: 'voucher-7K2M9QWERTY4B',
        label: 'A coffee on us',
        value: '7K2M9QWERTY4B',
        dataDetectorTypes: [],
      },
      { label: 'Coffee card', value: '3 / 5', changeMessage: 'Your stamps: %@.' },
      { label: '1 point expires on', value: '2027-11-30T23:59:59+01:00' },
      { label: '1,239 points expire on', value: '2028-05-31T23:59:59+02:00' },
      { label: 'Pending points', value: 120 },
      { label: 'Tier valid until', value: '2027-11-30T23:59:59+01:00' },
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

  it.each([
    ['en-GB', '760 points to Intime', '1 point expires on', '1,239 points expire on'],
    ['fr-FR', '760 points avant Intime', '1 point expire le', '1\u202f239 points expirent le'],
    ['de-DE', '760 Punkte bis Intime', '1 Punkt verfällt am', '1.239 Punkte verfallen am'],
    ['es-ES', '760 puntos para Intime', '1 punto caduca el', '1239 puntos caducan el'],
    ['nl-NL', '760 punten tot Intime', '1 punt vervalt op', '1.239 punten vervallen op'],
    ['it-IT', '760 punti per Intime', '1 punto scade il', '1239 punti scadono il'],
    ['pt-BR', '760 points to Intime', '1 point expires on', '1,239 points expire on'],
  ])("writes texts with numbers in the member's language: %s", (locale, nextTier, one, many) => {
    const settled = { ...ana, vouchers: [], balance: { ...ana.balance, pending: 0 } };
    const fields = fieldsByKey(passJson(build({ ...settled, locale })));
    expect(fields.get('nextTier')?.['value']).toBe(nextTier);
    expect(fields.get('expiring')?.['label']).toBe(one);
    expect(fields.get('expiring-1')?.['label']).toBe(many);
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

  it('every date on the pass is the last second before the view’s instant', () => {
    check(
      fc.property(arbView, (view) => {
        const fields = fieldsByKey(passJson(build(view)));
        const at = (key: string) => Date.parse(String(fields.get(key)?.['value']));
        const lastSecond = (instant: string) => Math.floor((Date.parse(instant) - 1) / 1000) * 1000;
        for (const [index, lot] of view.expiring.slice(0, 8).entries())
          expect(at(`expiring-${index}`)).toBe(lastSecond(lot.at));
        if (view.tier.validUntil) expect(at('tierUntil')).toBe(lastSecond(view.tier.validUntil));
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
});
