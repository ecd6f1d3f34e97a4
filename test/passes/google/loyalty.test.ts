import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colours } from '../../../passes/colours.ts';
import { loyaltyClass, loyaltyObject } from '../../../passes/google/index.ts';
import { labels, languages } from '../../../passes/wording.ts';
import { ana, arbView, check, links, look } from '../views.ts';

const issuerId = '3388000000012345678';
const draw = (changed: Partial<typeof ana> = {}) => loyaltyObject({ ...ana, ...changed }, links, issuerId);
const modulesOf = (object: ReturnType<typeof draw>) =>
  Object.fromEntries(object.textModulesData.map((module) => [module.id, module]));

describe("the programme's class", () => {
  it('has one id for ever and goes to review with every write', () => {
    const publicUrl = 'https://philia.example';
    expect(loyaltyClass({ programName: 'Maison', issuerId, publicUrl })).toMatchObject({
      id: `${issuerId}.philia`,
      issuerName: 'Maison',
      programName: 'Maison',
      programLogo: { sourceUri: { uri: 'https://philia.example/program-logo.png' } },
      reviewStatus: 'UNDER_REVIEW',
      callbackOptions: { url: 'https://philia.example/google/callback' },
      localizedAccountNameLabel: {
        defaultValue: { language: 'en', value: 'Card holder' },
        translatedValues: languages
          .filter((language) => language !== 'en')
          .map((language) => ({ language, value: labels.holder[language] })),
      },
    });
  });
});

describe("the programme's colours", () => {
  it("are the class's, and the house's for a programme that has none", () => {
    const input = { programName: 'Maison', issuerId, publicUrl: 'https://philia.example' };
    expect(loyaltyClass({ ...input, colours: look.colours })['hexBackgroundColor']).toBe('#203040');
    expect(loyaltyClass({ ...input, colours: null })['hexBackgroundColor']).toBe(colours.background);
  });
});

describe("a member's object", () => {
  it('shows the card', () => {
    expect(draw()).toMatchObject({
      id: `${issuerId}.${ana.memberId}`,
      classId: `${issuerId}.philia`,
      state: 'ACTIVE',
      accountId: ana.cardNumber,
      accountName: 'Ana Lopes',
      loyaltyPoints: { label: 'Points', balance: { int: 1240 } },
      secondaryLoyaltyPoints: { label: 'Pending points', balance: { int: 120 } },
      barcode: { type: 'EAN_13', value: ana.cardNumber, alternateText: ana.cardNumber },
      linksModuleData: { uris: [{ uri: links.cardUrl, description: 'Your card online' }] },
    });
    expect(draw().textModulesData.map(({ id, header, body }) => [id, header, body])).toEqual([
      ['tier', 'Your tier', 'Complice'],
      ['nextTier', 'Next tier', '760 points to Intime'],
      [
        'expiring',
        'Expiring points',
        '1 point expires on November 30, 2027\n1,239 points expire on May 31, 2028',
      ],
      ['tierUntil', 'Tier valid until', 'November 30, 2027'],
      ['voucher-7K2M9QWERTY4B', 'A coffee on us', '7K2M9QWERTY4B'],
      ['stamp-coffee', 'Coffee card', '3 / 5'],
    ]);
  });

  it("speaks the member's language and offers the phone the others", () => {
    const object = draw({ locale: 'fr' });
    expect(object.secondaryLoyaltyPoints).toMatchObject({
      label: 'Points en attente',
      localizedLabel: {
        defaultValue: { language: 'fr', value: 'Points en attente' },
        translatedValues: expect.arrayContaining([{ language: 'en', value: 'Pending points' }]),
      },
    });
    expect(modulesOf(object)['expiring']).toMatchObject({
      header: 'Points qui expirent',
      body: '1 point expire le 30 novembre 2027\n1\u202f239 points expirent le 31 mai 2028',
    });
  });

  it.each(languages)('labels everything in %s and translates it into every other language', (locale) => {
    const object = draw({ locale });
    const texts = [
      object.loyaltyPoints.localizedLabel,
      object.secondaryLoyaltyPoints?.localizedLabel,
      ...object.textModulesData.flatMap(({ localizedHeader }) => localizedHeader ?? []),
    ];
    expect(texts.length).toBeGreaterThan(4);
    for (const text of texts) {
      expect(text?.defaultValue.language).toBe(locale);
      const others = text?.translatedValues?.map(({ language }) => language) ?? [];
      expect([locale, ...others].sort()).toEqual([...languages].sort());
    }
    expect(modulesOf(object)['tier']?.header).toBe(labels.tier[locale]);
  });

  it("follows the region's habits and falls back to English", () => {
    expect(modulesOf(draw({ locale: 'en-GB' }))['tierUntil']?.body).toBe('30 November 2027');
    expect(modulesOf(draw({ locale: 'pt-BR' }))['tierUntil']?.body).toBe('November 30, 2027');
  });

  it('is expired for a closed card, since nothing is ever deleted there', () => {
    expect(draw({ status: 'closed' }).state).toBe('EXPIRED');
  });

  it('clears by null what a patch would otherwise leave standing', () => {
    const object = draw({ name: null, balance: { ...ana.balance, pending: 0 } });
    expect(object.accountName).toBeNull();
    expect(object.secondaryLoyaltyPoints).toBeNull();
  });

  it('shows what is held and owed', () => {
    const modules = modulesOf(draw({ balance: { ...ana.balance, held: 100, debt: 3000 } }));
    expect(modules['held']?.body).toBe('100');
    expect(modules['debt']?.body).toBe('3,000');
  });

  it('has no more text modules than Google shows', () => {
    const stamps = Array.from({ length: 20 }, (_, index) => ({
      id: `s${index}`,
      name: 'S',
      count: 1,
      of: 5,
    }));
    expect(draw({ stamps }).textModulesData).toHaveLength(10);
  });

  it('of any card shows the numbers and texts of the view, exactly', () => {
    check(
      fc.property(arbView, (view) => {
        const object = loyaltyObject(view, links, issuerId);
        const { available, pending } = view.balance;
        const numberOf = (points: typeof object.loyaltyPoints) => {
          const { balance } = points;
          return balance.int ?? Number('string' in balance ? balance.string : Number.NaN);
        };
        expect(numberOf(object.loyaltyPoints)).toBe(available);
        expect(object.secondaryLoyaltyPoints ? numberOf(object.secondaryLoyaltyPoints) : 0).toBe(pending);
        expect(object.accountName).toBe(view.name);
        expect(object.accountId).toBe(view.cardNumber);
        expect(object.barcode?.value).toBe(view.cardNumber);
        const modules = modulesOf(object);
        expect(modules['tier']?.body).toBe(view.tier.name);
        if (view.tier.nextTier) expect(modules['nextTier']?.body).toContain(` ${view.tier.nextTier.name}`);
        const all = [
          ...view.vouchers.map(({ code, name }) => ({ id: `voucher-${code}`, header: name, body: code })),
          ...view.stamps.map(({ id, name, count, of }) => ({
            id: `stamp-${id}`,
            header: name,
            body: `${count} / ${of}`,
          })),
        ];
        const shown = object.textModulesData.filter(({ id }) => /^(voucher|stamp)-/.test(id));
        expect(shown).toEqual(all.slice(0, shown.length));
        if (shown.length < all.length) expect(object.textModulesData).toHaveLength(10);
      }),
    );
  });

  it('never sends Google an integer that it cannot hold', () => {
    const rich = draw({ balance: { ...ana.balance, available: 2 ** 31 } });
    expect(rich.loyaltyPoints.balance).toEqual({ int: null, string: '2147483648' });
    expect(draw({ balance: { ...ana.balance, available: 2 ** 31 - 1 } }).loyaltyPoints.balance).toEqual({
      int: 2 ** 31 - 1,
    });
  });
});
