/**
 * A card's view as Samsung's loyalty card. Source: Samsung Wallet, Card specifications: Common, Loyalty, and
 * Barcode and QR code presentation. What does not fit its fields is on the card's page, which the card opens.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import { contrast, rgbOf } from '../../core/colours.ts';
import type { BarcodeFormat, CardColours } from '../../core/look.ts';
import { colours as houseColours } from '../colours.ts';
import { factsOf, valueText } from '../facts.ts';
import { labels } from '../wording.ts';

export interface LoyaltyCardInput {
  readonly view: CardView;
  readonly links: Pick<CardLinks, 'cardUrl'>;
  /** Samsung's name for this card of ours: the card's token, which is not to be guessed. */
  readonly refId: string;
  /** When the member joined, RFC 3339. */
  readonly createdAt: string;
  /** Without `/` at the end. Samsung fetches `<publicUrl>/program-logo.png` from it. */
  readonly publicUrl: string;
  /** The attributes that show the points; see the credentials. */
  readonly balanceAttributes: readonly string[];
}

export const cardType = 'loyalty';

export interface SamsungCard {
  readonly card: {
    readonly type: typeof cardType;
    readonly subType: 'others';
    readonly data: readonly {
      readonly refId: string;
      /** Epoch milliseconds. */
      readonly createdAt: number;
      readonly updatedAt: number;
      readonly state: 'ACTIVE' | 'EXPIRED';
      readonly language: string;
      readonly attributes: Readonly<Record<string, string>>;
    }[];
  };
}

/** Samsung's limits of its fields, in characters. */
const shortMax = 32;

const subFormats = { code128: 'CODE_128', ean13: 'EAN_13', qr: 'QR_CODE' } as const;

function barcode(value: string, format: BarcodeFormat = 'ean13') {
  return {
    'barcode.value': value,
    'barcode.serialType': format === 'qr' ? 'QRCODE' : 'BARCODE',
    'barcode.ptFormat': format === 'qr' ? 'QRCODESERIAL' : 'BARCODESERIAL',
    'barcode.ptSubFormat': subFormats[format],
  };
}

/** Samsung writes in white or in black: as the programme's text is lighter than its background, or darker. */
function isLight({ foreground, background }: CardColours): boolean {
  const black = rgbOf('#000000');
  return contrast(rgbOf(foreground), black) > contrast(rgbOf(background), black);
}

export function loyaltyCard(input: LoyaltyCardInput): SamsungCard {
  const { view, links, refId, createdAt, publicUrl, balanceAttributes } = input;
  const facts = factsOf(view, { ...links, appleUrl: '', googleUrl: '' });
  const { style } = facts;
  const logo = `${publicUrl}/program-logo.png`;
  const colours = view.colours ?? houseColours;
  const points = valueText(facts.points.value, view, style);
  const attributes = {
    title: cut(view.programName, shortMax),
    subtitle1: cut(view.tier.name, shortMax),
    providerName: cut(view.programName, shortMax),
    logoImage: logo,
    ...Object.fromEntries(balanceAttributes.map((name) => [name, points])),
    // Whoever has left has no number any more.
    ...(view.cardNumber === null ? {} : barcode(view.cardNumber, view.barcodes?.[0])),
    appLinkLogo: logo,
    appLinkName: cut(labels.cardPage[style.language], shortMax),
    appLinkData: links.cardUrl,
    bgColor: colours.background,
    fontColor: isLight(colours) ? 'light' : 'dark',
  };
  return {
    card: {
      type: cardType,
      subType: 'others',
      data: [
        {
          refId,
          createdAt: Date.parse(createdAt),
          updatedAt: Date.parse(view.updatedAt),
          state: view.status === 'closed' ? 'EXPIRED' : 'ACTIVE',
          language: style.language,
          attributes,
        },
      ],
    },
  };
}

/** The beginning of a text, of at most so many UTF-16 units and never half a character. */
export function cut(text: string, max: number): string {
  let end = 0;
  for (const character of text) {
    if (end + character.length > max) break;
    end += character.length;
  }
  return text.slice(0, end);
}
