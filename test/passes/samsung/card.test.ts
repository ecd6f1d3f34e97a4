import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut } from '../../../passes/samsung/card.ts';
import { addLink, cardData, loyaltyCard } from '../../../passes/samsung/index.ts';
import { labels, languages } from '../../../passes/wording.ts';
import { ana, arbText, arbView, check, links } from '../views.ts';
import { credentialsOf, openCardData } from './partner.ts';

const input = {
  links,
  refId: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  createdAt: '2026-01-01T00:00:00Z',
  publicUrl: 'https://philia.example',
  balanceAttributes: ['balance', 'amount'],
};
const draw = (changed: Partial<typeof ana> = {}) => {
  const [data] = loyaltyCard({ ...input, view: { ...ana, ...changed } }).card.data;
  if (!data) throw new Error('The card is empty.');
  return data;
};

/** Samsung's table of a loyalty card: the fields that must be there, and the most characters of each. */
const required = ['title', 'providerName', 'appLinkLogo', 'appLinkName', 'appLinkData'];
const limits: Record<string, number> = {
  title: 32,
  subtitle1: 32,
  providerName: 32,
  logoImage: 256,
  appLinkLogo: 256,
  appLinkName: 32,
  appLinkData: 256,
  bgColor: 8,
  fontColor: 8,
  'barcode.value': 4096,
  'barcode.serialType': 32,
  'barcode.ptFormat': 32,
  'barcode.ptSubFormat': 32,
};

describe('a loyalty card', () => {
  it('shows the card', () => {
    expect(loyaltyCard({ ...input, view: ana }).card).toMatchObject({ type: 'loyalty', subType: 'others' });
    expect(draw()).toEqual({
      refId: input.refId,
      createdAt: Date.parse(input.createdAt),
      updatedAt: Date.parse(ana.updatedAt),
      state: 'ACTIVE',
      language: 'en',
      attributes: {
        title: 'Maison Philia',
        subtitle1: 'Complice',
        providerName: 'Maison Philia',
        logoImage: 'https://philia.example/program-logo.png',
        balance: '1,240',
        amount: '1,240',
        'barcode.value': ana.cardNumber,
        'barcode.serialType': 'BARCODE',
        'barcode.ptFormat': 'BARCODESERIAL',
        'barcode.ptSubFormat': 'EAN_13',
        appLinkLogo: 'https://philia.example/program-logo.png',
        appLinkName: labels.cardPage.en,
        appLinkData: links.cardUrl,
        bgColor: '#26292f',
        fontColor: 'light',
      },
    });
  });

  it("has the programme's background, and text that can be read on it", () => {
    const light = { background: '#f4ece1', foreground: '#3a2a1e', label: '#8a4b2a' };
    expect(draw({ colours: light }).attributes).toMatchObject({ bgColor: '#f4ece1', fontColor: 'dark' });
    const dark = { background: '#3a2a1e', foreground: '#f4ece1', label: '#f4ece1' };
    expect(draw({ colours: dark }).attributes).toMatchObject({ bgColor: '#3a2a1e', fontColor: 'light' });
  });

  it('is expired when it is closed', () => {
    expect(draw({ status: 'closed' }).state).toBe('EXPIRED');
  });

  it.each(languages)('is in the member’s language: %s', (locale) => {
    expect(draw({ locale })).toMatchObject({
      language: locale,
      attributes: { appLinkName: cut(labels.cardPage[locale], 32) },
    });
  });

  it('shows its points under the names that are configured', () => {
    const { attributes } =
      loyaltyCard({ ...input, view: ana, balanceAttributes: ['points'] }).card.data[0] ?? {};
    expect(attributes).toMatchObject({ points: '1,240' });
    expect(attributes).not.toHaveProperty('balance');
  });

  it('of anybody keeps to Samsung’s fields and their lengths', () => {
    const long = fc
      .array(arbText, { minLength: 1, maxLength: 20, size: 'max' })
      .map((texts) => texts.join('🎉'));
    check(
      fc.property(arbView, long, long, (view, programName, tier) => {
        const { refId, attributes } = draw({ ...view, programName, tier: { ...view.tier, name: tier } });
        expect(refId.length).toBeLessThanOrEqual(32);
        expect(Object.keys(attributes)).toEqual(expect.arrayContaining(required));
        for (const [name, value] of Object.entries(attributes)) {
          expect(value, name).not.toBe('');
          expect(value.isWellFormed(), name).toBe(true);
          expect(value.length, name).toBeLessThanOrEqual(limits[name] ?? 32);
        }
      }),
    );
  });

  it('of anybody fits the 4,096 characters that Samsung takes of card data, and reads the same', async () => {
    const long = fc.array(fc.constantFrom('🎉', '語', '"', 'é', '\n'), { minLength: 32, maxLength: 40 });
    const name = long.map((characters) => characters.join(''));
    const credentials = credentialsOf();
    await fc.assert(
      fc.asyncProperty(arbView, name, name, async (view, programName, tier) => {
        const card = loyaltyCard({
          ...input,
          view: { ...view, programName, tier: { ...view.tier, name: tier } },
        });
        const cdata = cardData(credentials, card, 0);
        expect(cdata.length).toBeLessThanOrEqual(4096);
        expect((await openCardData(cdata)).card).toEqual(card);
        expect(addLink(credentials, card, 0).length).toBeLessThan(4200);
      }),
      { numRuns: 50 },
    );
  });
});

describe('cutting a text', () => {
  it('never leaves half a character', () => {
    expect(cut('🎉🎉', 3)).toBe('🎉');
    expect(cut('abc', 3)).toBe('abc');
    expect(cut('abcd', 3)).toBe('abc');
    expect(cut('', 3)).toBe('');
  });
});
