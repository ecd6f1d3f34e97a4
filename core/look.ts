/** How a programme's cards look and where they make themselves known: the optional `card` of its document. */
import * as z from 'zod';
import { contrast, rgbOf } from './colours.ts';
import { text } from './contract/shapes/basics.ts';
import { localizedText } from './localized-text.ts';

/** WCAG 2.2, success criterion 1.4.3: what text of the usual size needs. */
const contrastMin = 4.5;
/** Apple reads the first ten places and beacons of a pass, Google the first ten places of an object. */
const placesMax = 10;

const colour = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour of six hexadecimal digits, as #0f2a33');

const colours = z
  .strictObject({ background: colour, foreground: colour, label: colour })
  .superRefine((value, context) => {
    const background = rgbOf(value.background);
    for (const name of ['foreground', 'label'] as const) {
      const ratio = contrast(rgbOf(value[name]), background);
      if (ratio >= contrastMin) continue;
      // Rounded down, so that 4.496 does not read as enough.
      const shown = (Math.floor(ratio * 100) / 100).toFixed(2);
      const message = `must have a contrast of at least ${contrastMin}:1 to the background ${value.background}; ${value[name]} has ${shown}:1`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });

const store = z.strictObject({
  /** As purchases name their store. */
  id: text(64),
  name: localizedText(100),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  relevantText: localizedText(200).optional(),
});

const uint16 = z.int().min(0).max(65_535);
const beacon = z
  .strictObject({
    proximityUUID: z.guid('must be a UUID, as f7826da6-4fa2-4e98-8024-bc5b71e0893e'),
    major: uint16.optional(),
    minor: uint16.optional(),
    relevantText: localizedText(200).optional(),
  })
  .refine((value) => value.minor === undefined || value.major !== undefined, {
    path: ['minor'],
    message: 'must not be given without major: a minor number only tells beacons of one major apart',
  });

/** The constant beginning of a P-256 key's SubjectPublicKeyInfo in base64, with the point whole or compressed. */
const p256Key =
  /^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==$|^MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgA[CD][A-Za-z0-9+/]{43}=$/;

const nfc = z.strictObject({
  encryptionPublicKey: z
    .string()
    .regex(p256Key, "must be the reader's P-256 public key: an X.509 SubjectPublicKeyInfo in base64"),
});

export const barcodeFormats = ['code128', 'ean13', 'qr'] as const;
export type BarcodeFormat = (typeof barcodeFormats)[number];

export const cardLook = z
  .strictObject({
    colours: colours.optional(),
    barcodes: z
      .array(z.enum(barcodeFormats))
      .min(1)
      .refine((all) => new Set(all).size === all.length, 'must name each format once')
      .optional()
      .describe(
        'How the card number is drawn in wallets and on the page of the card, the first that can be drawn counts.',
      ),
    stores: z.array(store).max(placesMax).optional(),
    beacons: z.array(beacon).max(placesMax).optional(),
    nfc: nfc.optional(),
    supportUrl: z
      .url({ protocol: /^https$/, error: 'must be an https address' })
      .max(2000)
      .optional(),
  })
  .superRefine(({ stores = [] }, context) => {
    for (const [index, { id }] of stores.entries())
      if (stores.findIndex((other) => other.id === id) !== index)
        context.addIssue({
          code: 'custom',
          path: ['stores', index, 'id'],
          message: `must be distinct: ${id} stands twice`,
        });
  });

export type CardLook = z.infer<typeof cardLook>;
export type CardColours = z.infer<typeof colours>;
export type Store = z.infer<typeof store>;
export type Beacon = z.infer<typeof beacon>;
