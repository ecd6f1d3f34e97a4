/** Cards for tests: one to read, and arbitrary ones. */
import fc from 'fast-check';
import type { EntryType } from '../../core/account.ts';
import type { CardLinks, CardView, LastChange } from '../../core/card.ts';
import { makeId } from '../../core/contract/ids.ts';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { barcodeFormats } from '../../core/look.ts';

/** Random runs can be repeated: `SEED=<printed number> npx vitest run …`. */
export const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Checks a property from the printed seed. */
export function check<T>(property: fc.IProperty<T>, numRuns = 100): void {
  console.info(`seed ${seed}`);
  fc.assert(property, { seed, numRuns });
}

export const links: CardLinks = {
  cardUrl: 'https://philia.example/c/AAAAAAAAAAAAAAAAAAAAAA',
  appleUrl: 'https://philia.example/v1/cards/AAAAAAAAAAAAAAAAAAAAAA/apple',
  googleUrl: 'https://philia.example/v1/cards/AAAAAAAAAAAAAAAAAAAAAA/google',
};

export const ana: CardView = {
  memberId: makeId('member', '01JDAAAAAAAAAAAAAAAAAAAAAA'),
  version: 12,
  modifiedAt: '2026-11-22T10:00:00Z',
  updatedAt: '2026-11-22T10:00:00Z',
  programName: 'Maison Philia',
  programVersion: 1,
  timeZone: 'Europe/Paris',
  name: 'Ana Lopes',
  locale: 'en',
  cardNumber: '2900000000018',
  balance: { available: 1240, pending: 120, held: 0, debt: 0 },
  tier: {
    id: 'complice',
    name: 'Complice',
    qualifyingPoints: 1240,
    nextTier: { id: 'intime', name: 'Intime', pointsMissing: 760 },
    validUntil: '2027-11-30T23:00:00Z',
  },
  expiring: [
    { points: 1, at: '2027-11-30T23:00:00Z' },
    { points: 1239, at: '2028-05-31T22:00:00Z' },
  ],
  stamps: [{ id: 'coffee', name: 'Coffee card', count: 3, of: 5 }],
  vouchers: [
    { code: '7K2M9QWERTY4B', name: 'A coffee on us', type: 'gift', expiresAt: '2027-01-21T12:00:00Z' },
  ],
  status: 'active',
  lastChange: { type: 'earned', cause: 'purchase', points: 25, pending: 0 },
  colours: null,
  barcodes: null,
  stores: [],
  beacons: [],
  nfc: null,
  supportUrl: null,
  texts: [],
};

/** The API's answer of a card, without what only phones are told of. */
export function answerOf(view: CardView): CardAnswer {
  const { modifiedAt, programVersion, lastChange, stores, beacons, nfc, texts, ...shown } = view;
  return {
    ...shown,
    barcodes: view.barcodes && [...view.barcodes],
    status: view.status === 'active' ? 'active' : 'closed',
    cardNumber: view.cardNumber ?? '',
    expiring: [...view.expiring],
    stamps: [...view.stamps],
    vouchers: [...view.vouchers],
    donations: [],
    profile: { missing: [], points: 0, reward: null, unconfirmed: [], mustConfirm: false },
    referralCode: 'AB12CD34',
    cardUrl: links.cardUrl,
    wallet: { appleUrl: links.appleUrl, googleUrl: links.googleUrl },
  };
}

/** A P-256 key as a programme names it: the generator of the curve, compressed. */
export const encryptionPublicKey =
  'MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY=';

/** What a programme may configure of its cards, all of it. */
export const look = {
  colours: { background: '#203040', foreground: '#fafafa', label: '#ffd080' },
  stores: [
    { id: 'paris-01', name: 'Paris Marais', latitude: 48.8566, longitude: 2.3622 },
    {
      id: 'lyon-01',
      name: 'Lyon',
      latitude: 45.764,
      longitude: 4.8357,
      relevantText: 'Un café vous attend',
    },
  ],
  beacons: [
    {
      proximityUUID: 'f7826da6-4fa2-4e98-8024-bc5b71e0893e',
      major: 1,
      minor: 2,
      relevantText: 'Welcome back',
    },
  ],
  nfc: { encryptionPublicKey },
  supportUrl: 'https://philia.example/help',
} as const;

/** Well-formed text without NUL, as the contract lets names be: any script, quotes, markup, line breaks. */
export const arbText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0')),
  fc.constantFrom(
    '<script>alert("1")</script>',
    'Zoë "Zed" O’Neil \\ & Söhne',
    'שָׁלוֹם‏ مرحبا',
    'a\nb\r\nc\t\u2028d',
    '👩‍👩‍👧‍👦 🇫🇷',
    '%@ %s %1$@ {{y}}',
  ),
);

const points = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31));
const instant = fc
  .integer({ min: Date.parse('2020-01-01T00:00:00Z') / 1000, max: Date.parse('2049-01-01T00:00:00Z') / 1000 })
  .map((seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
const slug = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);

/** Every type that an entry has. */
export const entryTypes = [
  'enrolled',
  'profile_changed',
  'bonus',
  'earned',
  'clawed_back',
  'activated',
  'expired',
  'tier_reviewed',
  'bonus_taken_back',
  'expiry_noticed',
  'held',
  'captured',
  'released',
  'holds_expired',
  'redeemed',
  'redemption_cancelled',
  'voucher_issued',
  'voucher_used',
  'voucher_returned',
  'voucher_revoked',
  'adjusted',
  'merged_out',
  'merged_in',
  'unmerged_out',
  'unmerged_in',
  'erased',
] as const satisfies readonly EntryType[];

const movement = fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.constantFrom(-1, 0, 1, 1_000_000));

export const arbChange: fc.Arbitrary<LastChange> = fc
  .record({
    type: fc.constantFrom(...entryTypes),
    cause: fc.constantFrom('enrolment', 'profile', 'birthday', 'referral', 'purchase', 'refund', 'schedule'),
    points: movement,
    pending: movement,
    store: fc.option(arbText),
  })
  .map(({ store, ...change }) => (store === null ? change : { ...change, store }));

const degrees = (max: number) => fc.double({ min: -max, max, noNaN: true }).map((angle) => angle + 0);
const arbStores: fc.Arbitrary<CardView['stores']> = fc.array(
  fc.record({ id: slug, name: arbText, latitude: degrees(90), longitude: degrees(180) }),
  { maxLength: 10 },
);
const arbBeacons: fc.Arbitrary<CardView['beacons']> = fc.array(
  fc.record(
    { proximityUUID: fc.uuid(), major: fc.integer({ min: 0, max: 65_535 }), relevantText: arbText },
    { requiredKeys: ['proximityUUID', 'major'] },
  ),
  { maxLength: 10 },
);

export const arbView: fc.Arbitrary<CardView> = fc.record({
  memberId: fc
    .stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
    .map((ulid): CardView['memberId'] => makeId('member', ulid)),
  version: fc.integer({ min: 1, max: 1_000_000 }),
  modifiedAt: instant,
  updatedAt: instant,
  programName: arbText,
  programVersion: fc.integer({ min: 1, max: 100 }),
  timeZone: fc.constantFrom('UTC', 'Europe/Paris', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Kiritimati'),
  name: fc.option(arbText),
  locale: fc.constantFrom(
    ...[
      'en',
      'en-GB',
      'fr',
      'fr-CA',
      'fr-Latn-BE',
      'de-AT',
      'es-MX',
      'nl',
      'it-CH',
      'pt-BR',
      'en-rozaj-rozaj',
    ],
  ),
  cardNumber: fc.stringMatching(/^29\d{11}$/),
  balance: fc.record({ available: points, pending: points, held: points, debt: points }),
  tier: fc.record({
    id: slug,
    name: arbText,
    qualifyingPoints: points,
    nextTier: fc.option(fc.record({ id: slug, name: arbText, pointsMissing: points })),
    validUntil: fc.option(instant),
  }),
  expiring: fc.array(fc.record({ points: fc.integer({ min: 1, max: 100_000 }), at: instant }), {
    maxLength: 12,
  }),
  stamps: fc.uniqueArray(
    fc.record({
      id: slug,
      name: arbText,
      count: fc.integer({ min: 0, max: 50 }),
      of: fc.integer({ min: 1, max: 50 }),
    }),
    { maxLength: 4, selector: ({ id }) => id },
  ),
  vouchers: fc.array(
    fc.record({
      code: fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{13}$/),
      name: arbText,
      type: fc.constantFrom('amount', 'percent', 'gift'),
      expiresAt: fc.option(instant),
    }),
    { maxLength: 4 },
  ),
  status: fc.constantFrom('active', 'closed'),
  lastChange: fc.option(arbChange),
  colours: fc.constantFrom(null, look.colours),
  barcodes: fc.option(fc.shuffledSubarray([...barcodeFormats], { minLength: 1 })),
  stores: arbStores,
  beacons: arbBeacons,
  nfc: fc.constantFrom(null, look.nfc),
  supportUrl: fc.constantFrom(null, look.supportUrl),
  texts: fc.constant([]),
});
